//! The `Authorization` field (RFC 9110, section 11.6.2; RFC 6750, section 2.1; RFC 9449, section 7.1).

use std::borrow::Cow;

use claviger_core::TokenScheme;
use http::HeaderMap;
use http::HeaderValue;
use http::header::AUTHORIZATION;

use crate::credentials::Credentials;
use crate::credentials::NoCredentials;
use crate::credentials::presented::is_token68;
use crate::field_fault::FieldFault;

/// Reads the one `Authorization` field that there may be. `accepts` says which schemes are.
pub(super) fn read(headers: &HeaderMap, accepts: impl Fn(TokenScheme) -> bool) -> Credentials<'_> {
    let mut fields = headers.get_all(AUTHORIZATION).iter();
    match (fields.next(), fields.next()) {
        (None, _) => Credentials::None(NoCredentials::NoField),
        (Some(field), None) => read_field(field, accepts),
        (Some(_), Some(_)) => Credentials::Malformed,
    }
}

/// The one scheme of ours that the fields name, whatever they say else: it is to blame for what is malformed.
pub(super) fn scheme_in(headers: &HeaderMap) -> Option<TokenScheme> {
    let fields = headers.get_all(AUTHORIZATION).iter().map(HeaderValue::as_bytes);
    let first_word = |part: &[u8]| {
        let word = part.trim_ascii_start().split(|byte| matches!(byte, b' ' | b'\t')).next().unwrap_or_default();
        scheme(std::str::from_utf8(word).unwrap_or_default())
    };
    let mut named = fields.flat_map(|field| field.split(|byte| *byte == b',')).filter_map(first_word);
    let first = named.next()?;
    named.all(|scheme| scheme == first).then_some(first)
}

/// Why the token was not read that the field seems to hold. Names no part of the field: where the scheme is missing, the
/// first word is the token.
pub(crate) fn unread_token(headers: &HeaderMap) -> Option<FieldFault> {
    let field = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let mut words = field.split([' ', '\t', ',']).filter(|word| !word.is_empty());
    let (first, second) = (words.next()?, words.next());
    let why = match (scheme(first), second) {
        (Some(TokenScheme::Bearer), Some(_)) => "has a token by the scheme Bearer, and only DPoP is accepted",
        (Some(TokenScheme::Dpop), Some(_)) => {
            "has a token by the scheme DPoP, which is disabled, or needs `public_url`, `resource` or `hosts` off loopback"
        }
        (None, _) if is_jwt(first) => "has a token without a scheme: it must be `Bearer TOKEN`",
        (None, Some(token)) if is_jwt(token) => "has a token by a scheme that is neither Bearer nor DPoP",
        _ => return None,
    };
    Some(FieldFault::new("Authorization", why))
}

/// Three parts, of which the first begins an object in base64url.
fn is_jwt(word: &str) -> bool {
    word.starts_with("eyJ") && word.bytes().filter(|octet| *octet == b'.').count() == 2
}

fn read_field(field: &HeaderValue, accepts: impl Fn(TokenScheme) -> bool) -> Credentials<'_> {
    // Not `to_str`, which looks at one octet after the other for what no field value can have.
    let Some(text) = std::str::from_utf8(field.as_bytes()).ok().filter(|text| text.is_ascii()) else {
        return Credentials::Malformed;
    };
    let (word, rest) = text.split_at(text.find([' ', '\t', ',']).unwrap_or(text.len()));
    let Some(scheme) = scheme(word).filter(|scheme| accepts(*scheme)) else {
        return other_scheme(word, rest);
    };
    let token = rest.trim_start_matches(' ');
    match scheme {
        _ if !is_token68(token) => Credentials::Malformed,
        TokenScheme::Bearer => Credentials::Bearer(Cow::Borrowed(token)),
        TokenScheme::Dpop => Credentials::Dpop(Cow::Borrowed(token)),
    }
}

fn scheme(word: &str) -> Option<TokenScheme> {
    [TokenScheme::Bearer, TokenScheme::Dpop].into_iter().find(|scheme| word.eq_ignore_ascii_case(scheme.as_str()))
}

/// Other schemes may list parameters behind commas, but not a second scheme of ours.
fn other_scheme(word: &str, rest: &str) -> Credentials<'static> {
    let is_ours = |part: &str| scheme(part.trim_start().split([' ', '\t']).next().unwrap_or_default()).is_some();
    if rest.split(',').skip(1).any(is_ours) {
        return Credentials::Malformed;
    }
    if is_ours(word) { Credentials::Unaccepted } else { Credentials::None(NoCredentials::OtherScheme) }
}

#[cfg(test)]
mod tests {
    use claviger_core::DpopMode;

    use super::*;

    fn headers(fields: &[&[u8]]) -> HeaderMap {
        fields.iter().map(|field| (AUTHORIZATION, HeaderValue::from_bytes(field).unwrap())).collect()
    }

    fn of(fields: &[&[u8]]) -> Credentials<'static> {
        within(fields, DpopMode::Disabled)
    }

    fn within(fields: &[&[u8]], mode: DpopMode) -> Credentials<'static> {
        match read(&headers(fields), |scheme| mode.accepts(scheme)) {
            Credentials::Bearer(token) => Credentials::Bearer(Cow::Owned(token.into_owned())),
            Credentials::Dpop(token) => Credentials::Dpop(Cow::Owned(token.into_owned())),
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
    fn a_scheme_of_ours_is_accepted_or_not() {
        for field in ["DPoP a.b.c", "dpop a.b.c", "DPoP", "DPoP a=b, c=d"] {
            assert_eq!(of(&[field.as_bytes()]), Credentials::Unaccepted, "{field}");
        }
        for mode in [DpopMode::Allowed, DpopMode::Required, DpopMode::Bound] {
            for field in ["DPoP a.b-c_~+/==", "dpop a.b-c_~+/==", "DPOP   a.b-c_~+/=="] {
                assert_eq!(within(&[field.as_bytes()], mode), Credentials::Dpop("a.b-c_~+/==".into()), "{field}");
            }
            for field in ["DPoP", "DPoP ", "DPoP\tx", "DPoP x y", "DPoP a=b", "DPoP a,b", "DPoP a, DPoP b"] {
                assert_eq!(within(&[field.as_bytes()], mode), Credentials::Malformed, "{field}");
            }
        }
        for field in ["Bearer a.b.c", "bearer", "Bearer a=b, c=d"] {
            assert_eq!(within(&[field.as_bytes()], DpopMode::Required), Credentials::Unaccepted, "{field}");
        }
    }

    #[test]
    fn the_one_scheme_that_is_named_is_to_blame() {
        for (fields, scheme) in [
            (&[b"Bearer".as_slice()][..], Some(TokenScheme::Bearer)),
            (&[b"dpop a b"], Some(TokenScheme::Dpop)),
            (&[b"Bearer a", b"bearer b"], Some(TokenScheme::Bearer)),
            (&[b"Basic a, DPoP b"], Some(TokenScheme::Dpop)),
            (&[b"Basic a", b"Bearer b"], Some(TokenScheme::Bearer)),
            (&[b"Bearer \xff"], Some(TokenScheme::Bearer)),
            (&[b"Bearer a, DPoP b"], None),
            (&[b"DPoP a", b"Bearer b"], None),
            (&[b"Basic a", b"Basic b"], None),
            (&[b"\xff\xfe"], None),
        ] {
            assert_eq!(scheme_in(&headers(fields)), scheme, "{fields:?}");
        }
    }

    #[test]
    fn a_token_that_is_not_read_is_told_by_what_stands_before_it() {
        let unread = |field: &str| unread_token(&headers(&[field.as_bytes()])).map(|fault| fault.to_string());
        for (field, why) in [
            ("eyJh.b.c", "without a scheme"),
            ("  eyJh.b.c", "without a scheme"),
            ("Token eyJh.b.c", "neither Bearer nor DPoP"),
            ("JWT eyJh.b.c", "neither Bearer nor DPoP"),
            ("Bearer eyJh.b.c", "only DPoP is accepted"),
            ("bearer opaque", "only DPoP is accepted"),
            ("DPoP eyJh.b.c", "which is disabled"),
        ] {
            let text = unread(field).unwrap();
            assert!(text.contains(why) && !text.contains("eyJ") && !text.contains("opaque"), "{field}: {text}");
        }
        for field in
            ["", "Basic dTpw", "Bearer", "DPoP ", "Digest a=\"b\", c=d", "abc.def.ghi", "eyJh.b", "Negotiate eyJh"]
        {
            assert_eq!(unread(field), None, "{field}");
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
