//! Who is asking: the layer that lets only requests with a believed token through.
//!
//! The layer by default:
//!
//! ```
//! use axum::Router;
//! use axum::routing::get;
//! use claviger::AuthConfig;
//! use claviger::AuthLayer;
//!
//! let cfg = AuthConfig::new("https://tenant.example.com/", "https://api.example.com")?;
//! let app: Router = Router::new().route("/", get(|| async { "in" })).layer(AuthLayer::new(cfg));
//! # Ok::<(), claviger::error::ConfigError>(())
//! ```
//!
//! With the application's claims type as part of what every token must be, so that a token of another shape is refused
//! at the layer and the claims stand in the request's extensions, for services that are not axum's:
//!
//! ```
//! use claviger::AuthConfig;
//! use claviger::AuthLayer;
//! use claviger::Claims;
//! use http::Request;
//! use serde::Deserialize;
//!
//! #[derive(Deserialize)]
//! struct User {
//!     sub: String,
//! }
//!
//! fn subject<B>(request: &Request<B>) -> Option<String> {
//!     request.extensions().get::<Claims<User>>().map(|Claims(user)| user.sub.clone())
//! }
//!
//! let cfg = AuthConfig::new("https://tenant.example.com/", "https://api.example.com")?;
//! let layer = AuthLayer::new(cfg).with_claims::<User>();
//! # let _ = (layer, subject::<()>);
//! # Ok::<(), claviger::error::ConfigError>(())
//! ```
//!
//! Programs without tower ask [`AuthConfig::verify_request`](crate::AuthConfig::verify_request).

mod authentication;
mod claims;
mod demanded;
mod future;
mod layer;
#[cfg(feature = "axum")]
mod metadata_router;
mod request;
mod service;

pub use authentication::Authentication;
pub use claims::Claims;
pub use future::ResponseFuture;
pub use layer::AuthLayer;
pub use service::Auth;

pub(crate) use demanded::Demanded;
pub(crate) use layer::Forget;
pub(crate) use layer::Shape;
