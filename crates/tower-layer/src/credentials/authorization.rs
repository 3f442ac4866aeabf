//! The `Authorization` field (RFC 9110, section 11.6.2; RFC 6750, section 2.1).

use std::borrow::Cow;

use http::HeaderMap;
use http::HeaderValue;
use http::header::AUTHORIZATION;

use crate::credentials::Credentials;
use crate::credentials::NoCredentials;
use crate::credentials::presented::is_token68;

/// Reads the one `Authorization` field that there may be.
pub(super) fn read(headers: &HeaderMap) -> Credentials<'_> {
    let mut fields = headers.get_all(AUTHORIZATION).iter();
    match (fields.next(), fields.next()) {
        (None, _) => Credentials::None(NoCredentials::NoField),
        (Some(field), None) => read_field(field),
        (Some(_), Some(_)) => Credentials::Malformed,
    }
}

fn read_field(field: &HeaderValue) -> Credentials<'_> {
    let Ok(text) = field.to_str() else {
        return Credentials::Malformed;
    };
    let (scheme, rest) = text.split_at(text.find([' ', '\t', ',']).unwrap_or(text.len()));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return other_scheme(scheme, rest);
    }
    let token = rest.trim_start_matches(' ');
    if is_token68(token) { Credentials::Bearer(Cow::Borrowed(token)) } else { Credentials::Malformed }
}

/// Other schemes may list parameters behind commas, but not a second scheme of ours.
fn other_scheme(scheme: &str, rest: &str) -> Credentials<'static> {
    let is_ours = |part: &str| {
        let first = part.trim_start().split([' ', '\t']).next().unwrap_or_default();
        first.eq_ignore_ascii_case("bearer") || first.eq_ignore_ascii_case("dpop")
    };
    if rest.split(',').skip(1).any(is_ours) {
        return Credentials::Malformed;
    }
    if is_ours(scheme) { Credentials::Unaccepted } else { Credentials::None(NoCredentials::OtherScheme) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(fields: &[&[u8]]) -> Credentials<'static> {
        let mut headers = HeaderMap::new();
        for field in fields {
            headers.append(AUTHORIZATION, HeaderValue::from_bytes(field).unwrap());
        }
        match read(&headers) {
            Credentials::Bearer(token) => Credentials::Bearer(Cow::Owned(token.into_owned())),
            Credentials::None(none) => Credentials::None(none),
            Credentials::Unaccepted => Credentials::Unaccepted,
            Credentials::Malformed => Credentials::Malformed,
            Credentials::CrossSite => Credentials::CrossSite,
        }
    }

    #[test]
    fn the_scheme_is_taken_in_any_case_and_with_any_number_of_spaces() {
        for field in ["Bearer a.b-c_~+/==", "bearer a.b-c_~+/==", "BEARER   a.b-c_~+/=="] {
            assert_eq!(of(&[field.as_bytes()]), Credentials::Bearer("a.b-c_~+/==".into()), "{field}");
        }
    }

    #[test]
    fn what_is_no_scheme_of_ours_is_no_credential_of_ours() {
        for field in
            ["Basic dTpw", "DPoPx a.b.c", "Bearerx", "Bearerx a", "", "Digest a=\"b\", c=d", "Basic zzz Bearer x"]
        {
            assert_eq!(of(&[field.as_bytes()]), Credentials::None(NoCredentials::OtherScheme), "{field}");
        }
        assert_eq!(of(&[]), Credentials::None(NoCredentials::NoField));
    }

    #[test]
    fn dpop_is_a_scheme_of_ours_that_is_not_accepted() {
        for field in ["DPoP a.b.c", "dpop a.b.c", "DPoP", "DPoP a=b, c=d"] {
            assert_eq!(of(&[field.as_bytes()]), Credentials::Unaccepted, "{field}");
        }
    }

    #[test]
    fn whatever_leaves_a_doubt_is_malformed() {
        for field in [
            "Bearer",
            "Bearer ",
            "Bearer\tx",
            "Bearer \tx",
            "Bearer x ",
            "Bearer x y",
            "Bearer =",
            "Bearer a=b",
            "Bearer \"x\"",
            "Bearer a,b",
            "Bearer a, Bearer b",
            "Bearer, Bearer b",
            "Bearer {}",
            "Basic x, Bearer y",
            "Basic x,DPoP y",
            "DPoP a, Bearer b",
            "DPoP a, DPoP b",
        ] {
            assert_eq!(of(&[field.as_bytes()]), Credentials::Malformed, "{field}");
        }
        assert_eq!(of(&[b"Bearer a\xffb"]), Credentials::Malformed);
        assert_eq!(of(&[b"Bearer a", b"Bearer a"]), Credentials::Malformed);
        assert_eq!(of(&[b"Basic a", b"Bearer a"]), Credentials::Malformed);
    }
}
