//! Which kind of token an issuer's access tokens are.

use std::str::FromStr;

/// Which kind of token an issuer's access tokens are: what `typ` must be, and which claims must stand in it.
///
/// | Profile | `typ` of the header | Claims that must be present | Refused |
/// |---|---|---|---|
/// | [`Rfc9068`](Self::Rfc9068) | `at+jwt` | `iss exp aud sub client_id iat jti` | |
/// | [`Jwt`](Self::Jwt) | `at+jwt`, `JWT`, absent | `iss aud exp`, a mark of an access token | claims of other kinds of tokens |
/// | [`Identity`](Self::Identity) | `JWT`, absent, [added ones](crate::Issuer::add_token_type) | `iss aud exp iat` | claims of refresh, offline and logout tokens |
///
/// Types are compared in any case, with or without `application/` (RFC 7515, section 4.1.9).
///
/// # How profile `jwt` tells access tokens from others
///
/// | Claim | Value | Means |
/// |---|---|---|
/// | `typ token_use token_type tokenType tokenName tok_type tty` | `bearer dpop at+jwt access access_token at` | mark |
/// | the same | `jwt` | nothing |
/// | the same | another string (`refresh`, `ID`, `Offline`, `Logout` …) | refused |
/// | `type mode` | `refresh refresh_token id id_token logout offline` | refused |
/// | `scope scp client_id cid appid permissions` | any | mark |
/// | `azp` | any but the only `aud`, which ID tokens have there | mark |
/// | `at_hash c_hash s_hash` | any | refused: an ID token |
/// | `nonce` | any | refused: an ID token, unless [`allow_nonce`](crate::Issuer::allow_nonce) |
/// | `events` | an object | refused: a logout token or a security event token |
///
/// Values are compared in any case, and with `-` for `_`; `null` is absent, and what is not a string names no kind. The
/// header `at+jwt` stands for the mark and allows `nonce`; the other rows hold all the same.
/// [`access_token_claim`](crate::Issuer::with_access_token_claim) replaces the marks, and exempts the claims that it names
/// where they are as it demands.
///
/// A refusal for one of these rules has the reason [`WrongType`](crate::error::Reason::WrongType); the log names the
/// [rule](crate::error::KindRule), and another profile only if that would accept the very token.
///
/// ```
/// use claviger_core::Profile;
///
/// assert_eq!(Profile::default(), Profile::Rfc9068);
/// assert!(Profile::Rfc9068.takes(Some("application/AT+JWT")));
/// assert!(!Profile::Rfc9068.takes(Some("JWT")));
/// assert!(Profile::Jwt.takes(None));
/// assert!(!Profile::Identity.takes(Some("logout+jwt")));
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Profile {
    /// Access tokens of RFC 9068: `typ` is `at+jwt`, and `iss exp aud sub client_id iat jti` are all present. The default.
    #[default]
    Rfc9068,
    /// Access tokens of issuers that do not follow it (Auth0's default, Keycloak, Entra ID, Okta, Cognito): `typ` is
    /// `at+jwt`, `JWT` or absent; other kinds of tokens are recognised by their claims and refused.
    Jwt,
    /// ID tokens and workload tokens, where an API accepts them on purpose (Firebase, Kubernetes, GitHub, GitLab).
    Identity,
}

impl Profile {
    pub(crate) const ALL: [Self; 3] = [Self::Rfc9068, Self::Jwt, Self::Identity];

    /// The name in a configuration file.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rfc9068 => "rfc9068",
            Self::Jwt => "jwt",
            Self::Identity => "identity",
        }
    }

    /// Whether a token with this `typ` may be accepted (RFC 9068, section 4; RFC 7515, section 4.1.9), further
    /// [types](crate::Issuer::add_token_type) of the issuer aside.
    #[must_use]
    pub fn takes(self, typ: Option<&str>) -> bool {
        let Some(typ) = typ.map(media_subtype) else {
            return self != Self::Rfc9068;
        };
        let is = |name: &str| typ.eq_ignore_ascii_case(name);
        match self {
            Self::Rfc9068 => is(ACCESS_TOKEN),
            Self::Jwt => is(ACCESS_TOKEN) || is("jwt"),
            Self::Identity => is("jwt"),
        }
    }

    /// Whether `typ` names an access token of RFC 9068.
    pub(crate) fn is_access_token_type(typ: Option<&str>) -> bool {
        typ.map(media_subtype).is_some_and(|typ| typ.eq_ignore_ascii_case(ACCESS_TOKEN))
    }
}

impl FromStr for Profile {
    type Err = &'static str;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|profile| profile.as_str() == name)
            .ok_or("must be \"rfc9068\", \"jwt\" or \"identity\"")
    }
}

/// Whether both name one media type.
pub(crate) fn is_same_type(one: &str, other: &str) -> bool {
    media_subtype(one).eq_ignore_ascii_case(media_subtype(other))
}

/// `typ` without a slash is read as if `application/` stood before it (RFC 7515, section 4.1.9).
pub(crate) fn media_subtype(typ: &str) -> &str {
    const PREFIX: &str = "application/";
    match typ.split_at_checked(PREFIX.len()) {
        Some((prefix, subtype)) if prefix.eq_ignore_ascii_case(PREFIX) => subtype,
        _ => typ,
    }
}

const ACCESS_TOKEN: &str = "at+jwt";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_taken_by_the_profiles_of_the_contract() {
        let table: [(Option<&str>, &[Profile]); 11] = [
            (Some("at+jwt"), &[Profile::Rfc9068, Profile::Jwt]),
            (Some("AT+JWT"), &[Profile::Rfc9068, Profile::Jwt]),
            (Some("application/at+jwt"), &[Profile::Rfc9068, Profile::Jwt]),
            (Some("JWT"), &[Profile::Jwt, Profile::Identity]),
            (Some("application/jwt"), &[Profile::Jwt, Profile::Identity]),
            (None, &[Profile::Jwt, Profile::Identity]),
            (Some("dpop+jwt"), &[]),
            (Some("application/logout+jwt"), &[]),
            (Some("secevent+JWT"), &[]),
            (Some("token-introspection+jwt"), &[]),
            (Some("text/at+jwt"), &[]),
        ];
        for (typ, expected) in table {
            let accepting: Vec<_> = Profile::ALL.into_iter().filter(|profile| profile.takes(typ)).collect();
            assert_eq!(accepting, expected, "{typ:?}");
        }
    }
}
