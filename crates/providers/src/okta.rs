//! Okta: access tokens of a custom authorization server, and ID tokens of the org.
//!
//! **What must be right.** `authorization_server` is the id in the address of the server (`default`, `aus…`), `audience` the
//! one in its settings (`api://default`). Access tokens of the org itself (`https://DOMAIN` without `/oauth2/…`) are for
//! Okta's own APIs and cannot be verified by anybody else; of the org only ID tokens can be ([`org_issuer`]). `domain` is
//! the org's (`example.okta.com`, or a custom one), never that of the admin console (`example-admin.okta.com`).
//!
//! Source: <https://developer.okta.com/docs/guides/validate-access-tokens/>.

use claviger_core::Algorithm;
use claviger_core::Issuer;
use claviger_core::Profile;
use serde::Deserialize;

use crate::arguments::Arguments;
use crate::redacted::redacted;

/// The authorization server of this id: `https://DOMAIN/oauth2/AUTHORIZATION_SERVER`.
///
/// ```
/// use claviger_core::Verifier;
/// use claviger_providers::okta;
///
/// let issuer = okta::issuer("example.okta.com", "default", "api://default");
/// let issuers: Vec<_> = Verifier::builder(issuer).issuers().map(str::to_owned).collect();
/// assert_eq!(issuers, ["https://example.okta.com/oauth2/default"]);
/// ```
pub fn issuer(domain: &str, authorization_server: &str, audience: impl Into<String>) -> Issuer {
    let mut arguments = Arguments::default();
    let domain = org(&mut arguments, domain);
    let server = arguments.segment("authorization_server", authorization_server);
    arguments.of(Issuer::new(format!("https://{domain}/oauth2/{server}"), audience)
        .with_profile(Profile::Jwt)
        .with_algorithms([Algorithm::Rs256])
        .require_claim("cid"))
}

/// ID tokens of the org for this client, for APIs that take them on purpose: `https://DOMAIN`.
pub fn org_issuer(domain: &str, client_id: impl Into<String>) -> Issuer {
    let mut arguments = Arguments::default();
    let domain = org(&mut arguments, domain);
    arguments.of(Issuer::new(format!("https://{domain}"), client_id)
        .with_profile(Profile::Identity)
        .with_algorithms([Algorithm::Rs256])
        .require_claim("sub"))
}

fn org<'a>(arguments: &mut Arguments, domain: &'a str) -> &'a str {
    let domain = arguments.domain("domain", domain);
    let is_console = domain.split('.').next().is_some_and(|label| label.ends_with("-admin"));
    if is_console {
        arguments.matching("domain", domain, false, "must be the domain of the org, without `-admin`");
    }
    domain
}

/// What an access token of Okta says.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct Claims {
    /// The user by login name, or the client.
    pub sub: String,
    /// The client.
    pub cid: String,
    /// The user by an id that never changes; `None` where no user is involved.
    pub uid: Option<String>,
    /// Scopes.
    #[serde(default)]
    pub scp: Vec<String>,
    /// Groups, where the server has a claim for them.
    #[serde(default)]
    pub groups: Vec<String>,
}

redacted!(Claims);
