//! Ory Network and Ory Hydra: access tokens of the kind JWT.
//!
//! **What must be right.** Access tokens are opaque unless `strategies.access_token` is `jwt`, for all or for the client.
//! `aud` is an empty list unless the client asks for an audience that it is allowed: without that every token is refused.
//! `domain` is the project's (`SLUG.projects.oryapis.com`) or a custom one. For a Hydra of your own whose `urls.self.issuer`
//! has a path or a slash at the end, give exactly that to [`Issuer::new`], with [`Profile::Jwt`].
//!
//! Claims of your own are below [`ext`](Claims::ext), and at the top if `oauth2.allowed_top_level_claims` has them.
//!
//! Sources: <https://www.ory.com/docs/oauth2-oidc/jwt-access-token>, <https://github.com/ory/hydra/pull/3531> (scopes).

use claviger_core::Issuer;
use claviger_core::Profile;
use serde::Deserialize;
use serde_json::Map;
use serde_json::Value;

use crate::arguments::Arguments;
use crate::redacted::redacted;

/// The project at this domain: `https://DOMAIN`.
///
/// ```
/// use claviger_core::Verifier;
/// use claviger_providers::ory;
///
/// let issuer = ory::issuer("my-slug.projects.oryapis.com", "https://api.example.com");
/// assert!(Verifier::builder(issuer).build().is_ok());
/// ```
pub fn issuer(domain: &str, audience: impl Into<String>) -> Issuer {
    let mut arguments = Arguments::default();
    let issuer = format!("https://{}", arguments.domain("domain", domain));
    arguments.of(Issuer::new(issuer, audience).with_profile(Profile::Jwt).require_claim("client_id"))
}

/// What an access token of Ory says.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct Claims {
    /// The identity, or the client where none is involved.
    pub sub: String,
    /// The client.
    pub client_id: String,
    /// Scopes, unless `strategies.jwt.scope_claim` is `string`.
    #[serde(default)]
    pub scp: Vec<String>,
    /// Scopes, separated by spaces, where `strategies.jwt.scope_claim` is `string` or `both`.
    pub scope: Option<String>,
    /// Claims that the consent gave.
    #[serde(default)]
    pub ext: Map<String, Value>,
}

redacted!(Claims);
