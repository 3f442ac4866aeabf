//! Microsoft Entra ID: access tokens of one tenant, or of several.
//!
//! **What must be right.** `tenant` is the directory's id, a GUID: `iss` has that even where people use a domain name.
//! Which version the tokens have is decided by *this API's* registration (`requestedAccessTokenVersion` in its manifest),
//! not by the address that clients use: [`issuer`] is for 2, where `audience` is the application (client) id;
//! [`v1_issuer`] for 1 or `null`, where it is mostly the Application ID URI (`api://…`). An ID token for the same
//! application has the same `iss` and `aud`, and is refused because it names no client.
//!
//! An API whose registration is for any organization gets tokens of every tenant where somebody has consented, and
//! anybody can make a tenant: [`multi_tenant_issuer`] is told which ones are customers.
//!
//! Users' permissions are in `scp`, what was assigned to users and applications in `roles`. A token with `roles` and
//! without `scp` was given to an application; one without both says nothing of what may be done, and any application of
//! the tenant can get one unless "assignment required" is on.
//!
//! Source: <https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference>.

use claviger_core::Algorithm;
use claviger_core::Issuer;
use claviger_core::Profile;
use serde::Deserialize;

use crate::arguments::Arguments;
use crate::redacted::redacted;

/// Tokens of version 2.0 of this tenant: `https://login.microsoftonline.com/TENANT/v2.0`.
///
/// ```
/// use claviger_core::Verifier;
/// use claviger_providers::entra;
///
/// let tenant = "9122040d-6c67-4c5b-b112-36a304b66dad";
/// let issuer = entra::issuer(tenant, "6e74172b-be56-4843-9ff4-e66a39bb12e3");
/// assert!(Verifier::builder(issuer).build().is_ok());
///
/// // Everybody's directory is nobody's.
/// let error = Verifier::builder(entra::issuer("common", "api")).build().unwrap_err();
/// assert_eq!(error.problems()[0].path(), "issuers[0].tenant");
/// ```
pub fn issuer(tenant: &str, audience: impl Into<String>) -> Issuer {
    let mut arguments = Arguments::default();
    let tenant = tenant_id(&mut arguments, tenant);
    let issuer = Issuer::new(format!("https://login.microsoftonline.com/{tenant}/v2.0"), audience);
    arguments.of(access_tokens(issuer, tenant, "2.0"))
}

/// Tokens of version 1.0 of this tenant: `https://sts.windows.net/TENANT/`.
pub fn v1_issuer(tenant: &str, audience: impl Into<String>) -> Issuer {
    let mut arguments = Arguments::default();
    let tenant = tenant_id(&mut arguments, tenant);
    let metadata = format!("https://login.microsoftonline.com/{tenant}/.well-known/openid-configuration");
    let issuer = Issuer::new(format!("https://sts.windows.net/{tenant}/"), audience).with_discovery_url(metadata);
    arguments.of(access_tokens(issuer, tenant, "1.0"))
}

/// Tokens of version 2.0 of these tenants, whose ids are told to [`with_tenants`](Issuer::with_tenants). `iss` is that of
/// the tenant in `tid`; all have the same keys.
///
/// ```
/// use claviger_core::Verifier;
/// use claviger_providers::entra;
///
/// let customers = ["9122040d-6c67-4c5b-b112-36a304b66dad", "72f988bf-86f1-41af-91ab-2d7cd011db47"];
/// let issuer = entra::multi_tenant_issuer(customers, "6e74172b-be56-4843-9ff4-e66a39bb12e3");
/// assert!(Verifier::builder(issuer).build().is_ok());
///
/// let error = Verifier::builder(entra::multi_tenant_issuer(["common"], "api")).build().unwrap_err();
/// assert_eq!(error.problems()[0].path(), "issuers[0].tenants");
/// ```
pub fn multi_tenant_issuer<S: AsRef<str>>(tenants: impl IntoIterator<Item = S>, audience: impl Into<String>) -> Issuer {
    let mut arguments = Arguments::default();
    let tenants: Vec<_> = tenants
        .into_iter()
        .map(|tenant| arguments.matching("tenants", tenant.as_ref(), is_tenant_id(tenant.as_ref()), RULE).to_owned())
        .collect();
    if tenants.is_empty() {
        arguments.text("tenants", "");
    }
    let issuer = Issuer::new("https://login.microsoftonline.com/{tenant}/v2.0", audience)
        .with_discovery_url("https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration")
        .with_tenant_claim("tid")
        .with_tenants(tenants);
    arguments.of(versioned(issuer, "2.0"))
}

fn access_tokens(issuer: Issuer, tenant: &str, version: &str) -> Issuer {
    versioned(issuer, version).bind_claim("tid", tenant)
}

fn versioned(issuer: Issuer, version: &str) -> Issuer {
    issuer.with_profile(Profile::Jwt).with_algorithms([Algorithm::Rs256]).bind_claim("ver", version)
}

fn tenant_id<'a>(arguments: &mut Arguments, tenant: &'a str) -> &'a str {
    arguments.matching("tenant", tenant, is_tenant_id(tenant), RULE)
}

fn is_tenant_id(tenant: &str) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let parts: Vec<_> = tenant.split('-').collect();
    let is_part = |(part, length): (&&str, usize)| part.len() == length && part.bytes().all(is_digit);
    parts.len() == 5 && parts.iter().zip([8, 4, 4, 4, 12]).all(is_part)
}

/// What an access token of Entra ID says, of either version.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct Claims {
    /// The user or application as this API alone knows it.
    pub sub: String,
    /// The user or application in all of the tenant. With [`tid`](Self::tid) it is the key to remember somebody by.
    pub oid: Option<String>,
    /// The tenant.
    pub tid: String,
    /// The client, in version 2.0.
    pub azp: Option<String>,
    /// The client, in version 1.0.
    pub appid: Option<String>,
    /// `app` in tokens of applications, if the API asks for this claim.
    pub idtyp: Option<String>,
    /// Permissions that a user has delegated, separated by spaces.
    pub scp: Option<String>,
    /// What was assigned to the user or the application.
    #[serde(default)]
    pub roles: Vec<String>,
    /// Groups of the user, where the registration asks for them and there are not too many.
    #[serde(default)]
    pub groups: Vec<String>,
    /// For people to read; it can change, and decides nothing.
    pub preferred_username: Option<String>,
    /// For people to read.
    pub name: Option<String>,
}

impl Claims {
    /// The client, in either version.
    #[must_use]
    pub fn client(&self) -> Option<&str> {
        self.azp.as_deref().or(self.appid.as_deref())
    }

    /// Whether the token was given to an application for itself, and not on behalf of a user.
    #[must_use]
    pub fn is_application(&self) -> bool {
        self.idtyp.as_deref() == Some("app") || (self.idtyp.is_none() && self.scp.is_none())
    }
}

redacted!(Claims);

const RULE: &str = "must be the id of the directory, a GUID in lower case";
