//! What a refused client gets: the only place that knows its status code, header lines and body.
//!
//! By default the body is a problem document of RFC 9457, as if it were said so:
//!
//! ```
//! use claviger::AuthConfig;
//! use claviger::Issuer;
//! use claviger::respond::ProblemDetails;
//!
//! let issuer = Issuer::new("https://issuer.example", "https://api.example");
//! let cfg = AuthConfig::builder(issuer).with_responder(ProblemDetails::default()).build()?;
//! # let _ = cfg;
//! # Ok::<(), claviger::error::ConfigError>(())
//! ```
//!
//! An application can have its own; a closure will do. Status, challenges, `Retry-After` and `Cache-Control` are put on
//! afterwards, so that no responder can drop them:
//!
//! ```
//! use bytes::Bytes;
//! use claviger::AuthConfig;
//! use claviger::Issuer;
//! use claviger::respond::Refused;
//! use http::Response;
//!
//! let cfg = AuthConfig::builder(Issuer::new("https://issuer.example", "https://api.example"))
//!     .with_responder(|refused: &Refused| Response::new(Bytes::from(format!("no: {}\n", refused.detail()))))
//!     .build()?;
//! # let _ = cfg;
//! # Ok::<(), claviger::error::ConfigError>(())
//! ```

mod answer;
mod challenge;
mod problem;
mod refused;
mod responder;

#[cfg(feature = "axum")]
pub(crate) use answer::MISCONFIGURED;
pub(crate) use answer::answer;
pub(crate) use answer::missing_layer;
pub use problem::ProblemDetails;
pub use refused::Refused;
pub use responder::Responder;
