//! Keycloak: access tokens of a realm.
//!
//! **What must be right.** `audience` is the client id of this API in Keycloak, and it is not in the tokens of others by
//! itself: without an *audience mapper* (or a client scope with one) `aud` is absent or `account`, and every token is
//! refused. That is meant: without `aud` any client's token of the realm would open every API of it. The address must be
//! the one that `iss` has, which is the server's `hostname` and not the address inside of a cluster; for the latter there
//! is [`with_fetch_base_url`](Issuer::with_fetch_base_url).
//!
//! ID tokens say `typ` `ID` and are refused, and so is whatever says neither `Bearer` nor `DPoP`. Before version 24 access
//! tokens could have a `nonce`: [`allow_nonce`](Issuer::allow_nonce).
//!
//! Realm roles and client roles are not scopes, and not the same. Role guards know those of the client that `audience`
//! names; where they are to know the realm's, say so by [`with_roles_at`](Issuer::with_roles_at). In handlers there are
//! [`Claims::has_realm_role`] and [`Claims::has_client_role`].
//!
//! Source: <https://www.keycloak.org/docs/latest/server_admin/index.html#_audience>.

use std::collections::BTreeMap;

use claviger_core::ClaimPath;
use claviger_core::Issuer;
use claviger_core::Profile;
use serde::Deserialize;
use serde_json::json;

use crate::arguments::Arguments;
use crate::redacted::redacted;

/// The realm of this name at this domain: `https://DOMAIN/realms/REALM`.
///
/// ```
/// use claviger_core::Verifier;
/// use claviger_providers::keycloak;
///
/// let issuer = keycloak::issuer("sso.example.com", "main", "reports-api");
/// let issuers: Vec<_> = Verifier::builder(issuer).issuers().map(str::to_owned).collect();
/// assert_eq!(issuers, ["https://sso.example.com/realms/main"]);
/// ```
pub fn issuer(domain: &str, realm: &str, audience: impl Into<String>) -> Issuer {
    let mut arguments = Arguments::default();
    let base = format!("https://{}", arguments.domain("domain", domain));
    let realm = arguments.segment("realm", realm);
    arguments.of(access_tokens(&base, realm, audience))
}

/// The realm of this name under this address, for servers with a path (`https://sso.example.com/auth`, as before version
/// 17) and for those on loopback (`http://localhost:8080`). Without a slash at the end.
pub fn issuer_under(base_url: &str, realm: &str, audience: impl Into<String>) -> Issuer {
    let mut arguments = Arguments::default();
    let base = arguments.base_url("base_url", base_url);
    let realm = arguments.segment("realm", realm);
    arguments.of(access_tokens(base, realm, audience))
}

fn access_tokens(base: &str, realm: &str, audience: impl Into<String>) -> Issuer {
    let audience = audience.into();
    let roles = ClaimPath::elements(["resource_access", audience.as_str(), "roles"]);
    let issuer = Issuer::new(format!("{base}/realms/{realm}"), audience.as_str());
    // A blank audience is told as such, and not as a place of roles too.
    let issuer = if audience.trim().is_empty() { issuer } else { issuer.with_roles_at([roles]) };
    issuer.with_profile(Profile::Jwt).bind_claim("typ", json!(["Bearer", "DPoP"]))
}

/// What an access token of Keycloak says.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct Claims {
    /// The user. Absent in lightweight tokens.
    pub sub: Option<String>,
    /// The client that asked for the token.
    pub azp: Option<String>,
    /// The session.
    pub sid: Option<String>,
    /// Scopes, separated by spaces.
    pub scope: Option<String>,
    /// The name that the user logs in with; it can change.
    pub preferred_username: Option<String>,
    /// The user's address.
    pub email: Option<String>,
    /// Whether the user has shown to own it.
    #[serde(default)]
    pub email_verified: bool,
    /// Roles of the realm.
    #[serde(default)]
    pub realm_access: Access,
    /// Roles of clients, by client id.
    #[serde(default)]
    pub resource_access: BTreeMap<String, Access>,
    /// Groups, where a mapper puts them there.
    #[serde(default)]
    pub groups: Vec<String>,
}

/// Roles.
#[derive(Clone, Default, Deserialize)]
#[non_exhaustive]
pub struct Access {
    /// Their names.
    #[serde(default)]
    pub roles: Vec<String>,
}

impl Claims {
    /// Whether the user has this role in the realm.
    #[must_use]
    pub fn has_realm_role(&self, role: &str) -> bool {
        self.realm_access.has(role)
    }

    /// Whether the user has this role at this client. A role of the same name in the realm, or at another client, is not
    /// it.
    #[must_use]
    pub fn has_client_role(&self, client: &str, role: &str) -> bool {
        self.resource_access.get(client).is_some_and(|access| access.has(role))
    }
}

impl Access {
    fn has(&self, role: &str) -> bool {
        self.roles.iter().any(|granted| granted == role)
    }
}

redacted!(Claims, Access);
