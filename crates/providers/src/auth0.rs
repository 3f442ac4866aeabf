//! Auth0: access tokens for an API of a tenant.
//!
//! **What must be right.** `domain` is the tenant's (`tenant.eu.auth0.com`), or its custom domain if clients get their
//! tokens there: `iss` is the one that was asked. Where clients ask several domains of one tenant, [`issuer_of_domains`]
//! lists them. `audience` is the *identifier* of
//! the API in the dashboard; without it Auth0 gives out opaque tokens. "Enable RBAC" and "Add Permissions in the Access
//! Token" put [`permissions`](Claims::permissions) there.
//!
//! Tokens of both access token profiles are taken: Auth0's own, whose `typ` is `JWT`, and that of RFC 9068. Where the API
//! is set to the latter, `with_profile(Profile::Rfc9068)` leaves the other out. Only RS256 and PS256 are: HS256, which
//! the dashboard offers too, is refused everywhere in claviger.
//!
//! Source: <https://auth0.com/docs/secure/tokens/access-tokens/access-token-profiles>.

use claviger_core::Algorithm;
use claviger_core::Issuer;
use claviger_core::Profile;
use serde::Deserialize;

use crate::arguments::Arguments;
use crate::redacted::redacted;

/// The tenant at this domain: `https://DOMAIN/`, with the slash that Auth0 puts there.
///
/// ```
/// use claviger_core::Verifier;
/// use claviger_providers::auth0;
///
/// let issuer = auth0::issuer("tenant.eu.auth0.com", "https://api.example.com");
/// let issuers: Vec<_> = Verifier::builder(issuer).issuers().map(str::to_owned).collect();
/// assert_eq!(issuers, ["https://tenant.eu.auth0.com/"]);
///
/// let wrong = auth0::issuer("https://tenant.eu.auth0.com/", "https://api.example.com");
/// let error = Verifier::builder(wrong).build().unwrap_err();
/// assert_eq!(error.problems()[0].path(), "issuers[0].domain");
/// ```
pub fn issuer(domain: &str, audience: impl Into<String>) -> Issuer {
    let mut arguments = Arguments::default();
    let issuer = iss(arguments.domain("domain", domain));
    arguments.of(access_tokens(issuer, audience))
}

/// One tenant at all of these domains: its own and its custom ones.
///
/// The domains of a tenant sign with the same keys, which are fetched from the first. Whichever domain a token names, its
/// [issuer](claviger_core::VerifiedToken::issuer) is the first, so that one user is one subject. Domains of different tenants are
/// different issuers and do not belong into one list.
///
/// ```
/// use claviger_core::Verifier;
/// use claviger_providers::auth0;
///
/// let issuer = auth0::issuer_of_domains(["tenant.eu.auth0.com", "login.example.com"], "https://api.example.com");
/// let issuers: Vec<_> = Verifier::builder(issuer).issuers().map(str::to_owned).collect();
/// assert_eq!(issuers, ["https://tenant.eu.auth0.com/"]);
/// ```
pub fn issuer_of_domains<S: AsRef<str>>(domains: impl IntoIterator<Item = S>, audience: impl Into<String>) -> Issuer {
    let mut arguments = Arguments::default();
    let mut issuers: Vec<String> = Vec::new();
    for domain in domains {
        let domain = domain.as_ref();
        let checked = arguments.domain("domains", domain);
        if !issuers.contains(&iss(checked)) {
            issuers.push(iss(checked));
        } else if checked == domain {
            arguments.wrong("domains", "must not name a domain twice");
        }
    }
    if issuers.is_empty() {
        arguments.wrong("domains", "must name at least one domain");
    }
    let mut issuers = issuers.into_iter();
    let first = issuers.next().unwrap_or_else(|| iss("domain.invalid"));
    arguments.of(issuers.fold(access_tokens(first, audience), Issuer::add_alias))
}

fn iss(domain: &str) -> String {
    format!("https://{domain}/")
}

fn access_tokens(issuer: String, audience: impl Into<String>) -> Issuer {
    Issuer::new(issuer, audience).with_profile(Profile::Jwt).with_algorithms([Algorithm::Rs256, Algorithm::Ps256])
}

/// What an access token of Auth0 says.
///
/// Claims of your own, which have names like `https://example.com/plan`, go into a type of yours that flattens this one.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct Claims {
    /// The user (`auth0|…`, `google-oauth2|…`), or `CLIENT_ID@clients` where no user is involved.
    pub sub: String,
    /// The client, in Auth0's own profile.
    pub azp: Option<String>,
    /// The client, in that of RFC 9068.
    pub client_id: Option<String>,
    /// The grant that a machine used, `client-credentials` for example.
    pub gty: Option<String>,
    /// Scopes, separated by spaces.
    pub scope: Option<String>,
    /// The permissions of the user at this API; `None` if the API does not have them in its tokens.
    pub permissions: Option<Vec<String>>,
    /// The organization that the user logged in to.
    pub org_id: Option<String>,
    /// Its name, if the tenant has it in its tokens.
    pub org_name: Option<String>,
}

impl Claims {
    /// The client that asked for the token, in either profile.
    #[must_use]
    pub fn client(&self) -> Option<&str> {
        self.client_id.as_deref().or(self.azp.as_deref())
    }

    /// Whether the user has this permission.
    #[must_use]
    pub fn permits(&self, permission: &str) -> bool {
        self.permissions.iter().flatten().any(|granted| granted == permission)
    }
}

redacted!(Claims);
