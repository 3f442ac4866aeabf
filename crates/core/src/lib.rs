//! Believes or refuses OAuth 2.0 access tokens.
//!
//! This crate has no server in it: no tower, no axum. The middleware is the crate `claviger`, which is what most
//! programs want; this one is for those that get their tokens some other way.
//!
//! ```
//! use claviger_core::Issuer;
//! use claviger_core::ScopePolicy;
//! use claviger_core::Verifier;
//! use claviger_core::strip_bearer;
//!
//! # async fn serve(authorization: &str) -> Result<(), Box<dyn std::error::Error>> {
//! // Once, at start-up: all that is wrong with the configuration is told here.
//! let verifier = Verifier::builder(Issuer::new("https://issuer.example", "https://api.example")).build()?;
//!
//! // For each request.
//! let token = verifier.verify(strip_bearer(authorization)).await?;
//! let may_read = ScopePolicy::all_of(["read:reports"])?.decide(&token).is_ok();
//! # let _ = may_read;
//! # Ok(())
//! # }
//! ```
//!
//! # The way of a token
//!
//! One folder is one stage. A stage uses the ones before it and the leaves, never one behind it, and types carry the
//! proof from stage to stage: only the [`Verifier`] makes a [`VerifiedToken`], and only who holds one can ask about
//! scopes. `signature` stands before `keys` because a key that no backend can parse is no key.
//!
//! # What is not here
//!
//! Encrypted tokens (JWE), token introspection, symmetric algorithms and `none`. Tokens that are bound to a key or to a
//! client certificate need that shown beside them: [`Verifier::verify_presented`].
//!
//! # Features
//!
//! | Feature | What it does |
//! |---|---|
//! | `aws-lc` (default) | verifies with AWS-LC; without it josekit verifies everything, over OpenSSL |
//! | `metrics` | counters by the crate `metrics`: `claviger_key_fetches_total` (`issuer`, `outcome`), `claviger_key_refetches_denied_total` (`issuer`), `claviger_kept_tokens_total` (`outcome`), `claviger_evictions_total` (`what`), `claviger_replay_store_failures_total` |
//! | `rustls` (default) | TLS of the key fetch by rustls |
//! | `native-tls` | TLS of the key fetch by the platform's library |
//!
//! josekit switches on the feature `preserve_order` of serde_json for the whole build.

// The leaves.
pub mod address;
pub mod clock;
pub mod error;
mod fetch;
mod striped;

// Stage 1: read the token, trusting nothing.
mod token;

// Stage 2: find the issuer that may have signed it.
mod issuer;

// Stages 3 and 4: have its keys, and verify the signature.
mod keys;
mod signature;

// Stages 5 and 6: judge the claims, and the presenter.
mod claims;
mod presenter;

// Stage 7: believe the token.
mod verifier;

// Stage 8: may it do this?
mod scope;

pub mod guide;

#[cfg(feature = "vectors")]
#[doc(hidden)]
pub mod vectors;

pub use claims::Actor;
pub use claims::ActorChain;
pub use claims::InvalidScope;
pub use claims::Organization;
pub use claims::Organizations;
pub use claims::ScopeHierarchy;
pub use claims::Scopes;
pub use fetch::Fetch;
pub use fetch::FetchError;
pub use fetch::FetchFuture;
pub use issuer::AllowedIssuers;
pub use issuer::AudienceRule;
pub use issuer::ClaimPath;
pub use issuer::Issuer;
pub use issuer::IssuerQuery;
pub use issuer::IssuerResolver;
pub use issuer::Profile;
pub use issuer::RequestParts;
pub use issuer::ResolverFuture;
pub use issuer::UnverifiedIssuer;
pub use keys::HttpFetch;
pub use keys::KeyCounters;
pub use keys::KeyError;
pub use keys::KeyErrorKind;
pub use keys::KeyPool;
pub use keys::KeySettings;
pub use keys::KeySnapshot;
pub use keys::KeyState;
pub use keys::KeyStatus;
pub use keys::KeyStore;
pub use keys::StoreFuture;
pub use presenter::ClientCertificate;
pub use presenter::Presentation;
pub use presenter::TokenScheme;
pub use presenter::dpop::DpopMode;
pub use presenter::dpop::DpopSettings;
pub use presenter::dpop::MemoryReplayStore;
pub use presenter::dpop::NonceSecret;
pub use presenter::dpop::ProofUse;
pub use presenter::dpop::ReplayFuture;
pub use presenter::dpop::ReplayStore;
pub use presenter::dpop::ReplayVerdict;
pub use presenter::dpop::StoreFailure;
pub use presenter::dpop::TargetUri;
pub use scope::InvalidPolicy;
pub use scope::Missing;
pub use scope::ScopePolicy;
pub use scope::StepUp;
pub use token::Algorithm;
pub use token::UnknownAlgorithm;
pub use token::strip_bearer;
pub use verifier::CacheStatus;
pub use verifier::CheckFuture;
pub use verifier::CheckVerdict;
pub use verifier::ClaimsDemand;
pub use verifier::MapIssuers;
pub use verifier::TokenCheck;
pub use verifier::Verification;
pub use verifier::VerifiedToken;
pub use verifier::Verifier;
pub use verifier::VerifierBuilder;
