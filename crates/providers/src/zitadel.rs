//! Zitadel: access tokens of the kind JWT.
//!
//! **What must be right.** Access tokens are opaque unless the application's *Auth Token Type* is JWT. `audience` is the
//! id of this API's project, which clients get into `aud` with the scope
//! `urn:zitadel:iam:org:project:id:PROJECT_ID:aud`. It can be the client id of the API too, but then no role is known.
//!
//! Roles are in the token only if the project asserts them or the client asks for them, with the scope
//! `urn:zitadel:iam:org:projects:roles` where it belongs to another project. Those that count are in the claim that names
//! this API's project. The claim `urn:zitadel:iam:org:project:roles`, which names none, has the roles in the *client's*
//! project: whoever is an administrator there is none here, so it is not read. Role guards know a role whichever
//! organization has granted it, [`Claims::has_role`] tells which.
//!
//! ID tokens of a client of the same project have the same `aud`; they have no `jti`, and are refused for that.
//!
//! Source: <https://zitadel.com/docs/apis/openidoauth/claims>.

use std::collections::BTreeMap;

use claviger_core::ClaimPath;
use claviger_core::Issuer;
use claviger_core::Profile;
use serde::Deserialize;
use serde::Deserializer;
use serde::de::Error;
use serde_json::Map;
use serde_json::Value;

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
    let audience = audience.into();
    let roles = format!("{BEFORE_PROJECT}{audience}{AFTER_PROJECT}");
    arguments.of(Issuer::new(issuer, audience)
        .with_profile(Profile::Jwt)
        .require_claim("jti")
        .with_roles_at([ClaimPath::names([roles])]))
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
    /// The organization that the user belongs to.
    #[serde(rename = "urn:zitadel:iam:user:resourceowner:id")]
    pub organization_id: Option<String>,
    /// By the ids of the projects.
    #[serde(flatten, deserialize_with = "roles_by_project")]
    roles: BTreeMap<String, Roles>,
}

/// By their keys, the organizations that have granted them: id and domain.
type Roles = BTreeMap<String, BTreeMap<String, String>>;

impl Claims {
    /// Whether this organization has granted the user this role in this project.
    #[must_use]
    pub fn has_role(&self, project_id: &str, role: &str, organization_id: &str) -> bool {
        let organizations = self.roles.get(project_id).and_then(|roles| roles.get(role));
        organizations.is_some_and(|organizations| organizations.contains_key(organization_id))
    }
}

/// Of all claims that are left, those that name a project.
fn roles_by_project<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, Roles>, D::Error> {
    let project = |name: &str| Some(name.strip_prefix(BEFORE_PROJECT)?.strip_suffix(AFTER_PROJECT)?.to_owned());
    let claims = Map::<String, Value>::deserialize(deserializer)?;
    let named = claims.into_iter().filter_map(|(name, roles)| Some((project(&name)?, roles)));
    named.map(|(project, roles)| Ok((project, Roles::deserialize(roles).map_err(D::Error::custom)?))).collect()
}

redacted!(Claims);

const BEFORE_PROJECT: &str = "urn:zitadel:iam:org:project:";
const AFTER_PROJECT: &str = ":roles";
