//! What clients can learn about this API before they have a token (RFC 9728).
//!
//! With a resource the layer publishes its metadata, and names their address in every challenge:
//!
//! ```
//! use axum::Router;
//! use axum::routing::post;
//! use claviger::AuthConfig;
//! use claviger::AuthLayer;
//! use claviger::Issuer;
//!
//! let issuer = Issuer::new("https://tenant.example.com/", "https://api.example.com/mcp");
//! let cfg = AuthConfig::builder(issuer).with_resource("https://api.example.com/mcp").build()?;
//! let auth = AuthLayer::new(cfg);
//! let url = auth.resource_metadata().map(|metadata| metadata.url().to_owned());
//! assert_eq!(url.as_deref(), Some("https://api.example.com/.well-known/oauth-protected-resource/mcp"));
//! let app: Router = Router::new().route("/mcp", post(|| async { "in" })).layer(auth);
//! # let _ = app;
//! # Ok::<(), claviger::error::ConfigError>(())
//! ```
//!
//! With scopes, and with words for people (RFC 9728, section 2):
//!
//! ```
//! use claviger::AuthConfig;
//! use claviger::AuthLayer;
//! use claviger::Issuer;
//! use claviger::Scopes;
//! use claviger::metadata::Resource;
//! use serde_json::json;
//!
//! let resource = Resource::new("https://api.example.com/")
//!     .with_name("Reports")
//!     .add_member("resource_name#de", "Berichte")
//!     .with_documentation("https://api.example.com/docs");
//! let cfg = AuthConfig::builder(Issuer::new("https://tenant.example.com/", "https://api.example.com/"))
//!     .with_resource(resource)
//!     .with_scopes_supported(Scopes::new(["read:reports", "write:reports"])?)
//!     .build()?;
//! let expected = json!({
//!     "resource": "https://api.example.com/",
//!     "authorization_servers": ["https://tenant.example.com/"],
//!     "scopes_supported": ["read:reports", "write:reports"],
//!     "bearer_methods_supported": ["header"],
//!     "dpop_signing_alg_values_supported": ["ES256", "ES384", "EdDSA", "Ed25519", "RS256", "PS256"],
//!     "resource_name": "Reports",
//!     "resource_name#de": "Berichte",
//!     "resource_documentation": "https://api.example.com/docs",
//! });
//! assert_eq!(serde_json::to_value(AuthLayer::new(cfg).resource_metadata())?, expected);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Where it is answered
//!
//! At `/.well-known/oauth-protected-resource`, followed by the path of the resource, and nowhere else: a trailing slash,
//! another suffix or a percent-encoded spelling is another path. `GET`, `HEAD` and `OPTIONS` are answered to everybody,
//! before any credentials are read; other methods are 405. Nothing of the request shows in the answer. Any origin may read
//! it (CORS): it is public. A CORS layer outside of the auth layer replaces those fields by its own.
//!
//! A layer answers by itself where it sees the request, which depends on how the axum router is put together. Wherever it
//! does not, [`AuthLayer::metadata_router`](crate::AuthLayer::metadata_router), merged into the outermost router, does:
//!
//! | Layout | Needs |
//! |---|---|
//! | `guarded.layer(auth)` | nothing |
//! | `open.merge(guarded.layer(auth))` | nothing |
//! | `ServiceBuilder::new().layer(auth).service(router)` | nothing |
//! | `Routes::into_router(auth)` | nothing |
//! | `guarded.route_layer(auth)` | `metadata_router` |
//! | `post(mcp).layer(auth)`, on a method router | `metadata_router` |
//! | `guarded.layer(auth).fallback(page)` | `metadata_router` |
//! | `guarded.layer(auth).merge(open)`: axum keeps the fallback of the router that is merged in | `metadata_router` |
//! | `Router::new().nest("/api", guarded.layer(auth))` | `metadata_router` |
//! | `Router::new().nest_service("/api", guarded.layer(auth))` | `metadata_router` |
//! | two resources on one host: `one.layer(auth).merge(other.layer(other_auth))` | `metadata_router` of both |
//! | a resource inside of another: `guarded.layer(inner_auth).layer(auth)` | nothing |
//!
//! A layer in a nested router compares the path that the client sent. Without axum the path is judged as the layer gets it:
//! whatever takes off a prefix outside of the layer should leave the well-known path as it is. An application can also
//! serve the document itself: [`ResourceMetadata`] is the body, and has its [path](ResourceMetadata::path). The crate
//! `claviger-testing` has `assert_metadata_answers`, which asks a router for the address that its challenges name.
//!
//! Clients try several addresses below the well-known path, and go on after 404. So a request there that has no credentials
//! gets 404 rather than 401 where the layer has a resource; with a token it goes on to the service behind.
//!
//! # MCP clients
//!
//! A client that knows only the URL of an MCP server finds the metadata by the challenge of a 401, and the issuer in them.
//! With a 403 `insufficient_scope` it asks for exactly the scopes of the challenge, so those are one sufficient set for
//! this request: what all guards on its way demand, and of alternatives one. Where no scope helps, the challenge has no
//! `error`, because the client would send its user to log in again.
//!
//! The TypeScript SDK 1.x *replaces* the scopes of its token by those of the challenge. Where each operation has a scope of
//! its own, it loses the scope of the first operation with the second one, and asks for a new token whenever it changes
//! between them. Either demand the scopes of all operations together, or turn on
//! [`challenge_granted`](crate::AuthConfigBuilder::challenge_granted), which names the scopes that the token has as well:
//!
//! ```
//! use claviger::AuthConfig;
//! use claviger::Issuer;
//! use claviger::Scopes;
//!
//! let cfg = AuthConfig::builder(Issuer::new("https://tenant.example.com/", "https://api.example.com/mcp"))
//!     .with_resource("https://api.example.com/mcp")
//!     .with_scopes_supported(Scopes::new(["tools:list", "tools:call"])?)
//!     .challenge_granted()
//!     .build()?;
//! # let _ = cfg;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod answer;
mod document;
mod identifier;
mod member;
mod published;
mod resource;
mod unknown;

pub(crate) use answer::FromMetadata;
pub(crate) use answer::Publication;
pub use document::ResourceMetadata;
pub(crate) use document::TokenUse;
pub(crate) use member::is_registered;
pub(crate) use member::settable;
pub(crate) use published::register;
pub use resource::Resource;
pub(crate) use unknown::UnknownDocument;
pub(crate) use unknown::not_found;
