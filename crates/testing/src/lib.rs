//! An OAuth 2.0 issuer for tests: it serves discovery and keys, mints tokens, rotates, and fails on demand.
//!
//! A test of one's own handler needs an issuer, a token and a clock, and nothing outside the process:
//!
//! ```
//! use std::time::Duration;
//!
//! use axum::Router;
//! use axum::body::Body;
//! use axum::http::Request;
//! use axum::http::StatusCode;
//! use axum::routing::get;
//! use claviger::AuthConfig;
//! use claviger::AuthLayer;
//! use claviger::Claims;
//! use claviger::Issuer;
//! use claviger_testing::TestClock;
//! use claviger_testing::TestIssuer;
//! use serde::Deserialize;
//! use tower::ServiceExt;
//!
//! #[derive(Deserialize)]
//! struct User {
//!     sub: String,
//! }
//!
//! async fn hello(Claims(user): Claims<User>) -> String {
//!     format!("hello {}", user.sub)
//! }
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let clock = TestClock::at_second(1_750_000_000);
//!     let issuer = TestIssuer::builder().with_clock(clock.clone()).start().await;
//!     let trusted = Issuer::new(issuer.url(), "https://api.example.com");
//!     let cfg = AuthConfig::builder(trusted).with_clock(clock.clone()).build()?;
//!     let app = Router::new().route("/hello", get(hello)).layer(AuthLayer::new(cfg));
//!     let greet = |token: &str| {
//!         let request = Request::get("/hello").header("authorization", format!("Bearer {token}"));
//!         app.clone().oneshot(request.body(Body::empty()).unwrap())
//!     };
//!
//!     let token = issuer.token().claim("sub", "alice").sign();
//!     assert_eq!(greet(&token).await?.status(), StatusCode::OK);
//!
//!     clock.advance(Duration::from_secs(3600));
//!     assert_eq!(greet(&token).await?.status(), StatusCode::UNAUTHORIZED);
//!     Ok(())
//! }
//! ```
//!
//! # Overview
//!
//! - [`TestIssuer`] is the issuer: on a loopback address, or in memory for a static key source.
//!   It publishes and withdraws keys, exchanges tokens, counts who asked, and fails with a [`Fault`] when told to.
//! - [`TokenBuilder`], from [`TestIssuer::token`], starts as a correct access token of RFC 9068 and lets a test
//!   change every claim, every header member and every byte of it, and binds it to a certificate (RFC 8705).
//! - [`SigningKey`] signs with each [`SigningAlgorithm`] that an API may meet.
//! - [`TestIssuer::serve_for`] has it answer for the issuer of a configuration, that of production included, without a
//!   network.
//! - [`MisusedTokens`] is a list of tokens that an API must refuse, and one call that shows them all to a router.
//! - [`DpopClient`] holds a key, proves it for each request (RFC 9449) and follows nonces; its [`ProofBuilder`] makes
//!   every wrong proof too.
//! - [`TestClock`] stands until it is moved.
//! - [`assert_metadata_answers`] asks a router for the metadata that its challenges name (RFC 9728).
//!
//! Keys are generated while the test runs; there is none in this crate.
//!
//! ```
//! use claviger_testing::SigningAlgorithm;
//! use claviger_testing::SigningKey;
//! use claviger_testing::TestIssuer;
//!
//! let issuer = TestIssuer::in_memory("https://issuer.example.com");
//! let before = issuer.token().sign();
//!
//! let key = SigningKey::generate(SigningAlgorithm::Ed25519).with_key_id("2");
//! issuer.rotate(key);
//! let after = issuer.token().sign();
//!
//! assert_ne!(before.split('.').next(), after.split('.').next());
//! assert!(issuer.jwks().contains(r#""kid":"2""#));
//! ```
//!
//! # What it does not do
//!
//! It is not an authorization server: no login, no TLS, its token endpoint exchanges whatever it gets, and whoever can reach the address is served.
//! It listens on 127.0.0.1 alone.
//!
//! # Panics
//!
//! A test that was set up wrongly should stop there. So the functions of this crate panic and say why, where a
//! library for production would return an error.

mod algorithm;
mod clock;
mod dpop;
mod draft;
mod key;
mod members;
mod metadata;
mod token;

mod issuer;
mod misuse;

pub use algorithm::SigningAlgorithm;
pub use clock::TestClock;
pub use dpop::DpopClient;
pub use dpop::ProofBuilder;
pub use issuer::Fault;
pub use issuer::Fetches;
pub use issuer::Gate;
pub use issuer::TestIssuer;
pub use issuer::TestIssuerBuilder;
pub use issuer::TokenRequest;
pub use key::SigningKey;
pub use metadata::assert_metadata_answers;
pub use misuse::Misuse;
pub use misuse::MisusedToken;
pub use misuse::MisusedTokens;
pub use token::TokenBuilder;
