//! What axum handlers get, with the feature `axum`.
//!
//! The claims as a type of the application:
//!
//! ```
//! use claviger::Claims;
//! use serde::Deserialize;
//!
//! #[derive(Deserialize)]
//! struct User {
//!     sub: String,
//! }
//!
//! async fn whoami(Claims(user): Claims<User>) -> String {
//!     user.sub.clone()
//! }
//! # let _: axum::Router = axum::Router::new().route("/", axum::routing::get(whoami));
//! ```
//!
//! Perhaps anonymous, where the configuration allows that; or the token itself, which can also be asked for more than the
//! route demands ([`require`](crate::authenticate::Authentication::require)):
//!
//! ```
//! use claviger::Claims;
//! use claviger::authenticate::Authentication;
//! # use serde::Deserialize;
//! # #[derive(Deserialize)]
//! # struct User {
//! #     sub: String,
//! # }
//!
//! async fn greet(user: Option<Claims<User>>, auth: Authentication) -> String {
//!     let scopes = auth.token().map(|token| token.scopes().count()).unwrap_or_default();
//!     format!("hello {}, {scopes} scopes", user.map(|user| user.sub.clone()).unwrap_or_default())
//! }
//! # let _: axum::Router = axum::Router::new().route("/", axum::routing::get(greet));
//! ```

mod authentication;
mod claims;
mod rejection;
mod scoped;

pub use rejection::Rejection;
pub use scoped::Scoped;
pub use scoped::ScopedRejection;
