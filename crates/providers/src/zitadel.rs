//! Zitadel: access tokens of the kind JWT.
//!
//! **What must be right.** Access tokens are opaque unless the application's *Auth Token Type* is JWT. `audience` is the
//! id of this API's project, which clients get into `aud` with the scope
//! `urn:zitadel:iam:org:project:id:PROJECT_ID:aud`, or the client id of the API. Roles are in the token only if the
//! project asserts them or the client asks for them; role guards know them whichever organization has granted them,
//! [`Claims::has_role`] tells which.
//!
//! ID tokens of a client of the same project have the same `aud`; they have no `jti`, and are refused for that.
//!
//! Source: <https://zitadel.com/docs/apis/openidoauth/claims>.

use std::collections::BTreeMap;

use claviger_core::ClaimPath;
use claviger_core::Issuer;
use claviger_core::Profile;
use serde::Deserialize;

use crate::arguments::Arguments;
use crate::redacted::redacted;

/// The instance at this domain: `https://DOMAIN`.
///
/// ```
/// use claviger_core::Verifier;
/// use claviger_providers::zitadel;
///
/// let issuer = zitadel::issuer("my-instance-ab12cd.eu1.zitadel.cloud", "273465827364512347");
/// assert!(Verifier::builder(issuer).build().is_ok());
/// ```
pub fn issuer(domain: &str, audience: impl Into<String>) -> Issuer {
    let mut arguments = Arguments::default();
    let issuer = format!("https://{}", arguments.domain("domain", domain));
    arguments.of(Issuer::new(issuer, audience)
        .with_profile(Profile::Jwt)
        .require_claim("jti")
        .with_roles_at([ClaimPath::names([ROLES])]))
}

/// What an access token of Zitadel says.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct Claims {
    /// The user.
    pub sub: String,
    /// The client.
    pub client_id: Option<String>,
    /// The client, as newer tokens have it.
    pub azp: Option<String>,
    /// Roles in the project: by their key, the organizations that granted them (id to domain).
    #[serde(default, rename = "urn:zitadel:iam:org:project:roles")]
    pub roles: BTreeMap<String, BTreeMap<String, String>>,
    /// The organization that the user belongs to.
    #[serde(rename = "urn:zitadel:iam:user:resourceowner:id")]
    pub organization_id: Option<String>,
}

impl Claims {
    /// Whether this organization has granted the user this role.
    #[must_use]
    pub fn has_role(&self, role: &str, organization_id: &str) -> bool {
        self.roles.get(role).is_some_and(|organizations| organizations.contains_key(organization_id))
    }
}

redacted!(Claims);

const ROLES: &str = "urn:zitadel:iam:org:project:roles";
