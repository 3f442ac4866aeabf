//! Tower middleware that guards HTTP APIs with OAuth 2.0 access tokens.
//!
//! ```
//! use axum::Router;
//! use axum::routing::get;
//! use claviger::AuthConfig;
//! use claviger::AuthLayer;
//! use claviger::Claims;
//! use claviger::RequireScopeLayer;
//! use claviger::ScopePolicy;
//! use serde::Deserialize;
//!
//! #[derive(Deserialize)]
//! struct User {
//!     sub: String,
//! }
//!
//! async fn reports(Claims(user): Claims<User>) -> String {
//!     format!("the reports of {}", user.sub)
//! }
//!
//! # fn router() -> Result<Router, Box<dyn std::error::Error>> {
//! let cfg = AuthConfig::new("https://tenant.example.com/", "https://api.example.com")?;
//! let app: Router = Router::new()
//!     .route("/reports", get(reports))
//!     .route_layer(RequireScopeLayer::new(ScopePolicy::all_of(["read:reports"])?))
//!     .layer(AuthLayer::new(cfg));
//! # Ok(app)
//! # }
//! # assert!(router().is_ok());
//! ```
//!
//! The layer fetches the issuer's keys and keeps them fresh, believes or refuses each request's token, answers 401, 403,
//! 429 or 503 itself with the exact `WWW-Authenticate`, and hands typed [`Claims`] to handlers.
//!
//! # Attributes
//!
//! What a handler demands can be written above it, where nobody overlooks it; mistakes are told when it is compiled. The
//! demand becomes part of the handler's type, and is judged before its arguments are read:
//!
//! ```
//! use axum::Json;
//! use axum::Router;
//! use axum::extract::Path;
//! use axum::routing::get;
//! use claviger::Claims;
//! use claviger::require_scope;
//! use claviger::extract::Scoped;
//! # #[derive(serde::Deserialize)]
//! # struct User {
//! #     sub: String,
//! # }
//!
//! #[require_scope("read:reports", any("support", role("auditor")))]
//! async fn reports(Claims(user): Claims<User>) -> String {
//!     format!("the reports of {}", user.sub)
//! }
//!
//! #[require_scope("write:reports", path(tenant = "tenant_id"), max_age = "5m")]
//! async fn create(Path(tenant): Path<String>, Json(title): Json<String>) -> String {
//!     format!("{title}, for {tenant}")
//! }
//!
//! let app: Router = Router::new().route("/reports", get(reports)).route("/{tenant}/reports", get(create));
//!
//! // In a unit test nothing is asked of the first argument.
//! let created = create(Scoped::unchecked(Path("acme".to_owned())), Json("May".to_owned()));
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! assert_eq!(created.await, "May, for acme");
//! # });
//! ```
//!
//! All that can be written is told at [`macro@require_scope`]; functions of an `impl` block need [`macro@guarded`] above
//! it. In [`routes::Routes`] a handler without a demand does not compile.
//!
//! # Where the layer goes
//!
//! - **CORS outside.** A preflight carries no credentials, so the auth layer refuses it like any request without them:
//!   add the CORS layer after (outside) it. A service that answers preflights itself needs [`Preflight::Pass`].
//! - **Routes first.** In axum a route that is added after `.layer(auth)` is open. Add the layer last.
//! - **Inside of tokio.** Keys are fetched on the runtime that the service is called in, with I/O and time enabled.
//! - **`Allow` is axum's.** For a method that a route lacks, axum adds `Allow` to whatever the layer answers, so a
//!   stranger can learn which methods a route has.
//! - **A guard needs the layer.** A guard or extractor on a route that no layer covers answers 500 and names the layer
//!   in the log; it never grants access.
//!
//! # Browsers
//!
//! A page of another origin gets only the response fields that CORS exposes to it. To see why it is refused it needs
//! `WWW-Authenticate`, to come again at the right time `Retry-After`, and with DPoP `DPoP-Nonce` (RFC 9449, section 8),
//! without which it never learns the nonce that it should use. What it sends, `Authorization` and `DPoP`, CORS must allow.
//! All challenges stand on one `WWW-Authenticate` line, because Firefox shows a page none of two lines. A challenge for
//! DPoP stands alone where the proof or its nonce is wrong; otherwise it follows a comma, so read the field with a parser.
//! The layer itself lets everybody read the [`metadata`], unless a CORS layer outside says otherwise. Such a layer, from
//! tower-http:
//!
//! ```
//! use axum::Router;
//! use axum::routing::get;
//! use claviger::AuthConfig;
//! use claviger::AuthLayer;
//! use http::HeaderName;
//! use http::HeaderValue;
//! use http::Method;
//! use http::header::AUTHORIZATION;
//! use http::header::RETRY_AFTER;
//! use http::header::WWW_AUTHENTICATE;
//! use tower_http::cors::CorsLayer;
//!
//! let cors = CorsLayer::new()
//!     .allow_origin(HeaderValue::from_static("https://app.example.com"))
//!     .allow_methods([Method::GET])
//!     .allow_headers([AUTHORIZATION, HeaderName::from_static("dpop")])
//!     .expose_headers([WWW_AUTHENTICATE, RETRY_AFTER, HeaderName::from_static("dpop-nonce")]);
//! let cfg = AuthConfig::new("https://tenant.example.com/", "https://api.example.com")?;
//! let app: Router = Router::new()
//!     .route("/reports", get(|| async { "reports" }))
//!     .layer(AuthLayer::new(cfg))
//!     .layer(cors);
//! # Ok::<(), claviger::error::ConfigError>(())
//! ```
//!
//! # The way of a request
//!
//! [`authenticate`] finds the credentials and asks the verifier, which asks the application too if that has a
//! [`TokenCheck`]; guards ([`authorize`]) ask what the route needs; [`respond`] alone knows status codes, header lines
//! and bodies of refusals; the rest of a refused request is [drained](drain). What clients can learn before that is in the [`metadata`]. What happens when keys rotate,
//! when the issuer is down, and when junk arrives, is told in the [`guide`]; what a token must be, in the crate
//! `claviger-core`.
//!
//! Tokens are read from the `Authorization` field alone, unless the configuration names other places: [`TokenSource`].
//!
//! # Calling other APIs
//!
//! A token that was meant for this API is not handed on to another one. The crate `claviger-exchange` exchanges it for one
//! that is (RFC 8693); for that [`AuthConfigBuilder::keep_presented_token`] keeps the text of the tokens that are believed.
//! Who acts for the subject of an exchanged token is told by [`VerifiedToken::actors`].
//!
//! # Tokens that are bound to a key
//!
//! A token with `cnf.jkt` (RFC 9449) is taken by the scheme DPoP alone, with a proof of its key for this very request:
//!
//! ```
//! use claviger::AuthConfig;
//! use claviger::DpopMode;
//! use claviger::DpopSettings;
//! use claviger::Issuer;
//! use claviger::NonceSecret;
//!
//! # let secret = [7; 32];
//! let dpop = DpopSettings::new(DpopMode::Required).require_nonce([NonceSecret::new(secret)]);
//! let cfg = AuthConfig::builder(Issuer::new("https://tenant.example.com/", "https://api.example.com"))
//!     .with_public_url("https://api.example.com")
//!     .with_dpop(dpop)
//!     .build()?;
//! # let _ = cfg;
//! # Ok::<(), claviger::error::ConfigError>(())
//! ```
//!
//! By default both schemes are accepted, and challenges name both on one line: first the scheme that the request used,
//! otherwise Bearer. Proofs are for our own address, so the configuration has to state it: `public_url`, `hosts`, or a
//! resource. Without it, DPoP is served and named on loopback hosts alone, and counts as disabled elsewhere. Handlers see
//! the key in [`Authentication`](authenticate::Authentication).
//!
//! | `dpop.mode` | Accepts | Challenge of a request without credentials |
//! |---|---|---|
//! | `allowed` (default) | both schemes | Bearer, DPoP |
//! | `required` | DPoP | DPoP |
//! | `disabled` | Bearer; stray proofs are ignored | Bearer |
//! | `bound` | both schemes, and every token must be bound to a key or to a certificate | with `[certificate]` Bearer, DPoP; without it DPoP, Bearer |
//!
//! A proof is good for one use, which is remembered in memory, for one instance. Instances that serve one address together
//! share a [`ReplayStore`]: over Redis by the feature `redis`.
//!
//! # Tokens that are bound to a certificate
//!
//! A token with `cnf.x5t#S256` (RFC 8705) is taken with the very certificate that its client showed in the TLS handshake.
//! Whoever accepts the connections leaves a [`ClientCertificate`] in the extensions of each request:
//!
//! ```
//! use axum::Extension;
//! use axum::Router;
//! use claviger::ClientCertificate;
//!
//! /// `app` for one connection; `der` is the certificate that its client has shown, if it has shown one.
//! fn of_connection(app: Router, der: Option<&[u8]>) -> Router {
//!     match der {
//!         Some(der) => app.layer(Extension(ClientCertificate::from_der(der))),
//!         None => app,
//!     }
//! }
//! # let _ = of_connection(Router::new(), Some(&[]));
//! ```
//!
//! A proxy that ends TLS tells it in a field, which counts from [trusted proxies](#behind-a-proxy) alone:
//! [`CertificateSettings`]. A token that is bound to a key as well needs both.
//!
//! # Behind a proxy
//!
//! What a request says of its way counts only if it comes from one of the
//! [`trusted_proxies`](AuthConfigBuilder::with_trusted_proxies), by the address of its connection: [`PeerAddress`], or
//! axum's `ConnectInfo<SocketAddr>`. From anybody else, and from a peer that is not known, it is as if absent. Peers
//! without an address, which connect by a Unix socket, are trusted by `trusted_unix_sockets = true`.
//!
//! - **Our own address** is best configured: with `public_url`, or the origin of the resource, nothing else is asked. A
//!   prefix that a proxy strips belongs to `public_url`; the path `/` then stands for the prefix with and without its
//!   slash.
//!   Where `hosts` stand instead, the host is that of the client's request to the outermost trusted proxy: from the right,
//!   the first hop that is no trusted proxy's, in `Forwarded` (RFC 7239) or in `X-Forwarded-Host` beside
//!   `X-Forwarded-For`. It must be one of `hosts`, and the scheme is `https`; without `hosts` it must be a loopback host,
//!   and the scheme is told by `proto` or `X-Forwarded-Proto`. One `X-Forwarded-Host` alone may stand beside any number of
//!   hops; several need as many hops. What is malformed, is no host, or contradicts another field is answered 400;
//!   `forwarded = "x-forwarded"` or `"rfc7239"` reads one family of fields alone. Other fields, `X-Forwarded-Prefix` and
//!   `X-Forwarded-Port` among them, are not read.
//! - **The client's certificate** is that of the field, if one is configured: the certificate of the connection is the
//!   proxy's own then. One field counts, of which [`CertificateElement`] leaves one element; what is malformed anywhere,
//!   or stands on two lines, is no certificate. [`CertificateSettings`] names the forms and which proxy writes which.
//!
//! The page [`proxies`] has a tested configuration for nginx, HAProxy, Apache, Caddy, Traefik and Envoy, and what else
//! matters behind them: prefixes, limits, retries, caches, error pages.
//!
//! # What is not here
//!
//! Token introspection, signed metadata.
//!
//! # Features
//!
//! | Feature | What it does |
//! |---|---|
//! | `aws-lc` (default) | verifies with AWS-LC; without it josekit verifies everything, over OpenSSL |
//! | `axum` (default) | [`routes`], and the extractors for axum handlers ([`extract`]) |
//! | `macros` (default) | the attributes [`macro@require_scope`] and [`macro@guarded`], [`policy!`] and `#[derive(Demand)]`; brings `axum` |
//! | `metrics` | counters by the crate `metrics`: `claviger_refusals_total` (`reason`), `claviger_refusals_reported_total` (`reason`), `claviger_key_fetches_total` (`issuer`, `outcome`), `claviger_key_refetches_denied_total` (`issuer`), `claviger_kept_tokens_total` (`outcome`), `claviger_evictions_total` (`what`), `claviger_replay_store_failures_total` |
//! | `providers` | identity providers by name: `provider = "keycloak"` in a file, and `claviger::providers` in code |
//! | `redis` | used proofs and fetched keys in a Redis that instances share: `replay` and `store` of `{ redis = "…" }` in a file, and `claviger::redis` in code |
//! | `toml` | configuration files in TOML: `AuthConfig::read_toml`, whose errors never repeat the text |
//! | `tonic` | the layers can stand around one service of a tonic server: they pass its name on |
//! | `rustls` (default) | TLS of the key fetch, and to Redis, by rustls |
//! | `native-tls` | TLS of the key fetch, and to Redis, by the platform's library |

// A test writes a configuration file with every member as one `json!`.
#![cfg_attr(test, recursion_limit = "256")]

// What the operator says.
mod config;

// The way of a request.
mod client_uri;
mod credentials;
mod field_fault;
mod host;
mod peer;

mod answered;
pub mod authenticate;
pub mod authorize;
pub mod drain;
pub mod respond;

// What clients learn beforehand.
pub mod metadata;

// What stands in front.
pub mod proxies;

// What handlers get.
#[cfg(feature = "axum")]
pub mod extract;
#[cfg(feature = "axum")]
pub mod routes;

mod observe;

#[cfg(feature = "tonic")]
mod named_service;

#[cfg(feature = "macros")]
#[doc(hidden)]
pub mod __private;

pub use authenticate::AuthLayer;
pub use authenticate::Claims;
pub use authorize::RequireScopeLayer;
pub use config::AuthConfig;
pub use config::AuthConfigBuilder;
pub use config::CertificateSettings;
pub use credentials::CookieFailure;
pub use credentials::Preflight;
pub use credentials::TokenSource;
pub use drain::DrainSettings;
pub use drain::DrainUnread;
pub use peer::CertificateElement;
pub use peer::CertificateFormat;
pub use peer::ForwardedFields;
pub use peer::PeerAddress;
pub use respond::AuthBody;

#[cfg(feature = "macros")]
pub use claviger_macros::guarded;
#[cfg(feature = "macros")]
pub use claviger_macros::policy;
#[cfg(feature = "macros")]
pub use claviger_macros::require_scope;

pub use claviger_core::Actor;
pub use claviger_core::ActorChain;
pub use claviger_core::Algorithm;
pub use claviger_core::AllowedIssuers;
pub use claviger_core::AudienceRule;
pub use claviger_core::CacheStatus;
pub use claviger_core::CheckFuture;
pub use claviger_core::CheckVerdict;
pub use claviger_core::ClaimPath;
pub use claviger_core::ClientCertificate;
pub use claviger_core::DpopMode;
pub use claviger_core::DpopSettings;
pub use claviger_core::Fetch;
pub use claviger_core::FetchError;
pub use claviger_core::FetchFuture;
pub use claviger_core::HttpFetch;
pub use claviger_core::InvalidPolicy;
pub use claviger_core::InvalidScope;
pub use claviger_core::Issuer;
pub use claviger_core::IssuerQuery;
pub use claviger_core::IssuerResolver;
pub use claviger_core::KeyCounters;
pub use claviger_core::KeyError;
pub use claviger_core::KeyErrorKind;
pub use claviger_core::KeyPool;
pub use claviger_core::KeySettings;
pub use claviger_core::KeySnapshot;
pub use claviger_core::KeyState;
pub use claviger_core::KeyStatus;
pub use claviger_core::KeyStore;
pub use claviger_core::MapIssuers;
pub use claviger_core::MemoryReplayStore;
pub use claviger_core::Missing;
pub use claviger_core::NonceSecret;
pub use claviger_core::Organization;
pub use claviger_core::Organizations;
pub use claviger_core::Presentation;
pub use claviger_core::Profile;
pub use claviger_core::ProofUse;
pub use claviger_core::ReplayFuture;
pub use claviger_core::ReplayStore;
pub use claviger_core::ReplayVerdict;
pub use claviger_core::RequestParts;
pub use claviger_core::ResolverFuture;
pub use claviger_core::ScopeHierarchy;
pub use claviger_core::ScopePolicy;
pub use claviger_core::Scopes;
pub use claviger_core::StepUp;
pub use claviger_core::StoreFailure;
pub use claviger_core::StoreFuture;
pub use claviger_core::TargetUri;
pub use claviger_core::TokenCheck;
pub use claviger_core::TokenScheme;
pub use claviger_core::UnknownAlgorithm;
pub use claviger_core::UnverifiedIssuer;
pub use claviger_core::Verification;
pub use claviger_core::VerifiedToken;
pub use claviger_core::Verifier;
pub use claviger_core::VerifierBuilder;
pub use claviger_core::clock;
pub use claviger_core::error;
pub use claviger_core::guide;
#[cfg(feature = "providers")]
pub use claviger_providers as providers;
#[cfg(feature = "redis")]
pub use claviger_redis as redis;

/// The README's example, kept compiling.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
