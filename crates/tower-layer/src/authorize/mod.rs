//! What a route needs, asked of a token that the auth layer believed.
//!
//! One scope for all routes of a router:
//!
//! ```
//! use axum::Router;
//! use axum::routing::get;
//! use claviger::RequireScopeLayer;
//! use claviger::ScopePolicy;
//!
//! let reports: Router = Router::new()
//!     .route("/reports", get(|| async { "reports" }))
//!     .route_layer(RequireScopeLayer::new(ScopePolicy::all_of(["read:reports"])?));
//! # Ok::<(), claviger::InvalidPolicy>(())
//! ```
//!
//! A scope for each method of a route:
//!
//! ```
//! use axum::Router;
//! use axum::routing::get;
//! use axum::routing::post;
//! use claviger::RequireScopeLayer;
//! use claviger::ScopePolicy;
//!
//! let read = RequireScopeLayer::new(ScopePolicy::any_of(["read:reports", "admin"])?);
//! let write = RequireScopeLayer::new(ScopePolicy::all_of(["write:reports"])?);
//! let reports: Router = Router::new().route(
//!     "/reports",
//!     get(|| async { "reports" }).route_layer(read).merge(post(|| async { "written" }).route_layer(write)),
//! );
//! # Ok::<(), claviger::InvalidPolicy>(())
//! ```
//!
//! `route_layer` of a method router guards the methods that it names, and leaves out its fallback. That is what axum's
//! `any` and `any_service` are made of: guard those by `layer`.

mod demand;
mod future;
mod guard;
mod layer;
mod parameters;
mod service;

#[cfg(feature = "macros")]
pub use claviger_macros::Demand;
pub use demand::Demand;
pub use future::ResponseFuture;
pub use guard::Enforcement;
pub use layer::RequireScopeLayer;
pub use service::RequireScope;

#[cfg(feature = "axum")]
pub(crate) use guard::decide;
