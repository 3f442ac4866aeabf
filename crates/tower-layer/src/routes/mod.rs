//! Routes of which none is open by accident.
//!
//! In axum a route that is added after `.layer(auth)` is open, and so is one whose guard was forgotten. Here a handler
//! that demands nothing does not compile, unless its route is added by [`open`](Routes::open), and the layer is applied
//! when all routes are there:
//!
//! ```
//! # async fn health() -> &'static str {
//! #     "well"
//! # }
//! # #[cfg(feature = "macros")]
//! # {
//! use claviger::AuthConfig;
//! use claviger::AuthLayer;
//! use claviger::require_scope;
//! use claviger::routes::Routes;
//! use claviger::routes::get;
//!
//! #[require_scope("read:reports")]
//! async fn reports() -> &'static str {
//!     "the reports"
//! }
//!
//! #[require_scope("write:reports")]
//! async fn create() -> &'static str {
//!     "created"
//! }
//!
//! let routes = Routes::new().route("/reports", get(reports).post(create)).open("/health", axum::routing::get(health));
//! assert_eq!(
//!     routes.report().to_string(),
//!     "GET /reports \"read:reports\"\nPOST /reports \"write:reports\"\n* /health open\n",
//! );
//! assert_eq!(routes.scopes().to_string(), "read:reports write:reports");
//!
//! let cfg = AuthConfig::new("https://tenant.example.com/", "https://api.example.com")?;
//! let app: axum::Router = routes.into_router(AuthLayer::new(cfg));
//! # }
//! # Ok::<(), claviger::error::ConfigError>(())
//! ```
//!
//! The scopes of the guards stand in the metadata of the resource (RFC 9728) by themselves.

mod demanding;
mod list;
mod methods;
mod report;

pub use demanding::Demanding;
pub use list::Routes;
pub use methods::GuardedMethods;
pub use methods::delete;
pub use methods::get;
pub use methods::head;
pub use methods::options;
pub use methods::patch;
pub use methods::post;
pub use methods::put;
pub use report::Access;
pub use report::RouteEntry;
pub use report::RouteReport;
