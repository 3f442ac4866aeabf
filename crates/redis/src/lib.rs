//! What the instances of an API remember together, in Redis: which DPoP proofs were used, and the issuers' keys.
//!
//! ```
//! use claviger::AuthConfig;
//! use claviger::DpopMode;
//! use claviger::DpopSettings;
//! use claviger::Issuer;
//! use claviger_redis::Redis;
//!
//! let redis = Redis::open("redis://127.0.0.1:6379")?;
//! let dpop = DpopSettings::new(DpopMode::Required).with_replay_store(redis.replay_store());
//! let cfg = AuthConfig::builder(Issuer::new("https://tenant.example.com/", "https://api.example.com"))
//!     .with_public_url("https://api.example.com")
//!     .with_dpop(dpop)
//!     .with_key_store(redis.key_store())
//!     .build()?;
//! # let _ = cfg;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Nothing is connected before the first request, inside of tokio. With a deadline and a prefix of its own, and used
//! proofs alone:
//!
//! ```
//! use std::time::Duration;
//!
//! use claviger_core::DpopSettings;
//! use claviger_core::ReplayStore;
//! use claviger_core::StoreFailure;
//! use claviger_redis::Redis;
//!
//! let redis = Redis::open("rediss://redis.example.com:6380/1")?
//!     .with_prefix("reports-api:")
//!     .with_deadline(Duration::from_millis(250));
//! let store = redis.replay_store();
//! assert_eq!(store.deadline(), Duration::from_millis(250));
//! let dpop = DpopSettings::default().with_replay_store(store).with_store_failure(StoreFailure::Accept);
//! # let _ = dpop;
//! # Ok::<(), claviger_redis::InvalidUrl>(())
//! ```
//!
//! In a configuration file of the crate `claviger`, with its feature `redis`, the first is `[dpop]` with
//! `replay = { redis = "redis://127.0.0.1:6379" }`.
//!
//! What holds while Redis is away, and after it lost data, is told at [`RedisReplayStore`]. Other servers that speak its
//! protocol, such as Valkey, should do as well.
//!
//! # What Redis holds
//!
//! | Key | Value | Until |
//! |---|---|---|
//! | `claviger:dpop:DIGEST` | a number that tells uses apart | the proof could no longer be accepted |
//! | `claviger:keys:ISSUER` | the issuer's public keys as they were fetched | 24 h after they were put there |
//!
//! No token, no proof and no `jti` is among it. All commands have one key, so a cluster is as good as one server.
//!
//! # Features
//!
//! | Feature | What it does |
//! |---|---|
//! | `rustls` (default) | `rediss://` by rustls, with the roots of the platform |
//! | `native-tls` | `rediss://` by the platform's library; where both are on, rustls does it |
//! | `cluster` | connections to a Redis Cluster for [`Redis::from_connection`] |

mod address;
mod deadline;
mod failure;
mod keys;
mod link;
mod replay;
mod shared;

pub use address::InvalidUrl;
pub use keys::RedisKeyStore;
pub use replay::RedisReplayStore;
pub use shared::Redis;

/// The client, whose types [`Redis::from_client`] and [`Redis::from_connection`] take.
pub use ::redis;
