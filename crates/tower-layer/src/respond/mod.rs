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
//!
//! # gRPC
//!
//! A request whose `Content-Type` is `application/grpc`, with or without a message format such as `+proto`, gets the same
//! status and challenge with an empty body, and no responder is asked: clients make the status of the call from the HTTP
//! status, and report a body as an internal error. So its clients do not see the challenge. With
//! [`GrpcAnswers::Status`], or `grpc = "status"` in a file, calls (`POST` over HTTP/2 or later) get HTTP status 200 with
//! `grpc-status` and `grpc-message`, and the challenge and `Retry-After` as metadata:
//!
//! | Instead of the HTTP status | `grpc-status` | What clients make of the HTTP status alone |
//! |---|---|---|
//! | 400 | 3, `INVALID_ARGUMENT` | 13, `INTERNAL` |
//! | 401 | 16, `UNAUTHENTICATED` | the same |
//! | 403 | 7, `PERMISSION_DENIED` | the same |
//! | 429, 503 | 14, `UNAVAILABLE` | the same |
//! | 500, no layer before a guard ([`RequireScopeLayer::with_grpc`](crate::RequireScopeLayer::with_grpc)) | 13, `INTERNAL` | 2, `UNKNOWN` |
//!
//! A service that a proxy asks whether a request may pass must answer by HTTP status: 200 would let it pass.
//!
//! gRPC-Web is answered as any HTTP is: its clients make the same codes from the status, which a browser shows to every
//! page, while it shows `grpc-status` only where CORS exposes it. Inside of a layer that translates gRPC-Web, requests
//! are gRPC.
//!
//! In tonic the layers go on the whole server by its `layer`, or around one service, for which the feature `tonic` passes
//! the service's name on. The example `grpc` is a whole server.

mod added;
mod answer;
mod body;
mod cache_control;
mod challenge;
mod context;
mod grpc;
mod nonce;
mod problem;
mod refused;
mod responder;
mod vary;

pub(crate) use added::Added;
pub(crate) use answer::MISCONFIGURED;
pub(crate) use answer::answer;
pub(crate) use answer::missing_layer;
pub use body::AuthBody;
pub(crate) use cache_control::Sharing;
pub(crate) use context::AnswerContext;
pub use grpc::GrpcAnswers;
pub(crate) use grpc::Wire;
pub(crate) use nonce::DPOP_NONCE;
pub use problem::ProblemDetails;
pub use refused::Refused;
pub use responder::Responder;
