//! AuthPI: access tokens after RFC 9068.
//!
//! **What must be right.** `issuer_id` is the one of the dashboard (`i_…`). With a custom domain `iss` is that domain, and
//! [`custom_domain_issuer`] is the constructor. `audience` is the resource that clients ask for; a client that asks for
//! none gets its own client id there, and its tokens are refused.
//!
//! ID and refresh tokens have no `typ` and are refused for it. Keys are at `{issuer}/jwks.json`, which AuthPI documents;
//! they rotate monthly and stay published for 45 days.

use claviger_core::Algorithm;
use claviger_core::Issuer;
use serde::Deserialize;

use crate::arguments::Arguments;
use crate::redacted::redacted;

/// The issuer of this id: `https://idp.authpi.com/ISSUER_ID`.
///
/// ```
/// use claviger_core::Verifier;
/// use claviger_providers::authpi;
///
/// let issuer = authpi::issuer("i_4KJ2x", "https://api.example.com");
/// assert!(Verifier::builder(issuer).build().is_ok());
/// ```
pub fn issuer(issuer_id: &str, audience: impl Into<String>) -> Issuer {
    let mut arguments = Arguments::default();
    let is_plain =
        |rest: &str| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let is_id = issuer_id.strip_prefix("i_").is_some_and(is_plain);
    let id = arguments.matching("issuer_id", issuer_id, is_id, "must be the id of an issuer, `i_` and what follows");
    let issuer = format!("https://idp.authpi.com/{id}");
    arguments.of(access_tokens(issuer, audience))
}

/// The issuer at a domain of your own: `https://DOMAIN`.
pub fn custom_domain_issuer(domain: &str, audience: impl Into<String>) -> Issuer {
    let mut arguments = Arguments::default();
    let issuer = format!("https://{}", arguments.domain("domain", domain));
    arguments.of(access_tokens(issuer, audience))
}

fn access_tokens(issuer: String, audience: impl Into<String>) -> Issuer {
    let keys = format!("{issuer}/jwks.json");
    Issuer::new(issuer, audience).with_jwks_uri(keys).with_algorithms([
        Algorithm::Es256,
        Algorithm::Ed25519,
        Algorithm::Rs256,
    ])
}

/// What an access token of AuthPI says.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct Claims {
    /// A user (`usr_…`), a client (`c_…`) or an agent (`agt_…`).
    pub sub: String,
    /// The client that asked for the token.
    pub client_id: String,
    /// The session.
    pub sid: Option<String>,
    /// Scopes, separated by spaces.
    pub scope: Option<String>,
    /// On whose behalf the token was given out.
    pub dat: Option<Delegate>,
    /// The organizations of the user, as far as the client may know them; `None` if the token says nothing of any.
    pub organizations: Option<Vec<Organization>>,
}

/// What kind of party a token was given to.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct Delegate {
    /// `identity`, `agent`, `key`, `token`, or what comes to be.
    #[serde(rename = "type")]
    pub kind: String,
}

/// An organization, and what its member may do in it.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct Organization {
    /// `org_…`.
    pub id: String,
    /// For people.
    pub title: Option<String>,
    /// What the user may do there.
    #[serde(default)]
    pub scopes: Vec<String>,
}

impl Claims {
    /// The organization of this id, if the user is a member.
    #[must_use]
    pub fn organization(&self, id: &str) -> Option<&Organization> {
        self.organizations.iter().flatten().find(|organization| organization.id == id)
    }
}

redacted!(Claims, Delegate, Organization);
