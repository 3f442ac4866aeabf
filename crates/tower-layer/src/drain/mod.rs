//! The rest of a request that is answered before it was read.
//!
//! A server of HTTP/1.x closes a connection whose request it has not read to its end. What the client sends after that
//! makes its system drop the answer before the client has read it. Behind a proxy it is worse: the proxy answers 502 and
//! takes the instance out of service, so that a few refused uploads shut out everybody.
//!
//! So [`AuthLayer`](crate::AuthLayer), [`RequireScopeLayer`](crate::RequireScopeLayer), the metadata and the extractors
//! answer at once, and a task in the background reads the rest of the body and drops it, within the limits of
//! [`DrainSettings`] (`drain` in a configuration file):
//!
//! | Request | What happens |
//! |---|---|
//! | HTTP/1.x with a body | it is drained: at most 16 MiB and 10 s, 1,024 bodies at once; when another one comes, the one that received least in the last second gives way |
//! | `Content-Length` over the limit | nothing is read, and the answer carries `Connection: close` |
//! | `Expect: 100-continue`, and nothing was read yet | nothing is read, no 100 is sent, and the answer carries `Connection: close` |
//! | without a body, or over HTTP/2 or later | nothing has to be done |
//!
//! Bodies of axum and hyper are drained. Others are where their type is named:
//! [`DrainSettings::add_body`]. Tasks are spawned on the tokio runtime that the service is called in, which needs time
//! enabled.
//!
//! # Handlers that do not read
//!
//! What the application itself answers without reading a body has the same fate. [`DrainUnread`], a
//! layer of its own, drains whatever the services behind it leave unread:
//!
//! ```
//! use axum::Router;
//! use axum::http::StatusCode;
//! use axum::routing::post;
//! use claviger::DrainSettings;
//! use claviger::DrainUnread;
//!
//! let app: Router = Router::new()
//!     .route("/files", post(async || StatusCode::INSUFFICIENT_STORAGE))
//!     .layer(DrainUnread::new(DrainSettings::default().with_max_count(100)));
//! # let _ = app;
//! ```

mod body;
mod connection;
mod drainer;
mod layer;
mod plan;
mod settings;
mod slots;
mod unread_body;
mod watched;

pub use body::DrainBody;
pub(crate) use connection::close_connection;
pub(crate) use drainer::Drainer;
pub use layer::DrainUnread;
pub use layer::DrainUnreadService;
pub use layer::ResponseFuture;
pub use settings::DrainSettings;
pub use unread_body::UnreadBody;

/// What is left of a body that an axum handler or extractor has dropped.
#[cfg(feature = "axum")]
pub(crate) type AxumLeftover = watched::Leftover<axum::body::Body>;

/// Only axum has extractors.
#[cfg(not(feature = "axum"))]
pub(crate) type AxumLeftover = std::convert::Infallible;
