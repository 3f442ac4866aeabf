//! Token type identifiers (RFC 8693, section 3).

use std::borrow::Cow;
use std::fmt;

use claviger_core::error::Problems;
use url::Host;
use url::Url;

/// What kind of token a token is: a URI.
///
/// ```
/// use claviger_exchange::TokenType;
///
/// assert_eq!(TokenType::ACCESS_TOKEN.as_str(), "urn:ietf:params:oauth:token-type:access_token");
/// assert_eq!(TokenType::new("https://acme.example/legacy").as_str(), "https://acme.example/legacy");
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TokenType(Cow<'static, str>);

impl TokenType {
    /// An OAuth 2.0 access token.
    pub const ACCESS_TOKEN: Self = Self(Cow::Borrowed("urn:ietf:params:oauth:token-type:access_token"));
    /// An OAuth 2.0 refresh token.
    pub const REFRESH_TOKEN: Self = Self(Cow::Borrowed("urn:ietf:params:oauth:token-type:refresh_token"));
    /// An ID token of OpenID Connect.
    pub const ID_TOKEN: Self = Self(Cow::Borrowed("urn:ietf:params:oauth:token-type:id_token"));
    /// A JWT of whatever use.
    pub const JWT: Self = Self(Cow::Borrowed("urn:ietf:params:oauth:token-type:jwt"));
    /// A SAML 1.1 assertion, as base64url.
    pub const SAML1: Self = Self(Cow::Borrowed("urn:ietf:params:oauth:token-type:saml1"));
    /// A SAML 2.0 assertion, as base64url.
    pub const SAML2: Self = Self(Cow::Borrowed("urn:ietf:params:oauth:token-type:saml2"));
    /// What Auth0's token vault gives.
    pub(crate) const CONNECTION: Self =
        Self(Cow::Borrowed("http://auth0.com/oauth/token-type/federated-connection-access-token"));

    /// A type of any name; it is checked with the request.
    #[must_use]
    pub fn new(uri: impl Into<String>) -> Self {
        Self(Cow::Owned(uri.into()))
    }

    /// The URI.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is a URI at all.
    pub(super) fn check(&self, name: &'static str, problems: &mut Problems) {
        if self.url().is_none() {
            problems.add(name, "must be an absolute URI without white space");
        }
    }

    /// Whether it is a URI of the application's own.
    pub(super) fn check_private(&self, name: &'static str, problems: &mut Problems) {
        self.check(name, problems);
        if self.url().is_some_and(|url| is_reserved(&url)) {
            problems.add(name, "must be in a namespace of your own, not in a reserved one (IETF, Auth0, Okta)");
        }
    }

    fn url(&self) -> Option<Url> {
        let is_plain = !self.0.contains(|character: char| character.is_whitespace() || character.is_control());
        is_plain.then(|| Url::parse(&self.0).ok()).flatten()
    }
}

impl fmt::Display for TokenType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The parser has put scheme and host in lower case; the namespace of a URN it has not (RFC 8141, section 3.1).
fn is_reserved(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(host)) => {
            RESERVED_HOSTS.iter().any(|reserved| host == *reserved || host.ends_with(&format!(".{reserved}")))
        }
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => false,
        None => {
            let namespace = url.path().split(':').next().unwrap_or_default();
            url.scheme() == "urn" && RESERVED_URNS.iter().any(|reserved| namespace.eq_ignore_ascii_case(reserved))
        }
    }
}

const RESERVED_HOSTS: [&str; 2] = ["auth0.com", "okta.com"];
const RESERVED_URNS: [&str; 3] = ["ietf", "auth0", "okta"];

#[cfg(test)]
mod tests {
    use super::*;

    fn is_private(uri: &str) -> bool {
        let mut problems = Problems::default();
        TokenType::new(uri).check_private("subject_token_type", &mut problems);
        problems.is_empty()
    }

    #[test]
    fn reserved_namespaces_are_told_from_those_of_ones_own() {
        for uri in ["urn:acme:legacy-token", "https://acme.example/token", "urn:ietfx:token", "https://notauth0.com/a"]
        {
            assert!(is_private(uri), "{uri}");
        }
        for uri in [
            "urn:ietf:params:oauth:token-type:access_token",
            "URN:IETF:params:oauth:token-type:jwt",
            "urn:auth0:token",
            "urn:okta:token",
            "http://auth0.com/oauth/token-type/x",
            "https://AUTH0.com/x",
            "https://tenant.auth0.com/x",
            "https://okta.com",
            "",
            "token",
            "urn:acme:a token",
            " urn:acme:token",
        ] {
            assert!(!is_private(uri), "{uri}");
        }
    }
}
