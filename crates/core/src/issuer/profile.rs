//! Which kind of token an issuer's access tokens are.

use std::str::FromStr;

/// Which kind of token an issuer's access tokens are: what `typ` must be, and which claims must stand in it.
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
    /// `at+jwt`, `JWT` or absent; ID tokens are told apart by their claims and refused.
    Jwt,
    /// ID tokens and workload tokens, where an API takes them on purpose (Firebase, Kubernetes, GitHub, GitLab).
    Identity,
}

impl Profile {
    const ALL: [Self; 3] = [Self::Rfc9068, Self::Jwt, Self::Identity];

    /// The name in a configuration file.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rfc9068 => "rfc9068",
            Self::Jwt => "jwt",
            Self::Identity => "identity",
        }
    }

    /// Whether a token with this `typ` is taken (RFC 9068, section 4; RFC 7515, section 4.1.9).
    #[must_use]
    pub fn takes(self, typ: Option<&str>) -> bool {
        let Some(typ) = typ.map(media_subtype) else {
            return self != Self::Rfc9068;
        };
        let is = |name: &str| typ.eq_ignore_ascii_case(name);
        match self {
            Self::Rfc9068 => is(ACCESS_TOKEN),
            Self::Jwt => is(ACCESS_TOKEN) || is("jwt"),
            Self::Identity => ![ACCESS_TOKEN, "dpop+jwt", "logout+jwt", "secevent+jwt"].into_iter().any(is),
        }
    }

    /// The profiles that take this `typ`, for a log line that helps.
    pub(crate) fn takers(typ: Option<&str>) -> Vec<Self> {
        Self::ALL.into_iter().filter(|profile| profile.takes(typ)).collect()
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
            (Some("token-introspection+jwt"), &[Profile::Identity]),
            (Some("text/at+jwt"), &[Profile::Identity]),
        ];
        for (typ, takers) in table {
            assert_eq!(Profile::takers(typ), takers, "{typ:?}");
        }
    }
}
