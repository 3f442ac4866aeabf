//! A cookie (RFC 6265, section 5.4).

use std::borrow::Cow;

use http::HeaderMap;
use http::header::COOKIE;

use crate::credentials::Credentials;

/// Reads the one cookie of this name that there may be, in one field or in several (RFC 9113, section 8.2.3).
///
/// Bytes, because cookies are not always text: what another cookie holds must not spoil this one.
pub(super) fn read<'a>(name: &str, headers: &'a HeaderMap) -> Credentials<'a> {
    let pairs = headers.get_all(COOKIE).iter().flat_map(|field| field.as_bytes().split(|byte| *byte == b';'));
    let value = |pair: &'a [u8]| pair.trim_ascii().strip_prefix(name.as_bytes())?.strip_prefix(b"=");
    Credentials::bare(pairs.filter_map(value).map(Cow::Borrowed))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;
    use crate::credentials::NoCredentials;

    fn headers(fields: &[&[u8]]) -> HeaderMap {
        fields.iter().map(|field| (COOKIE, HeaderValue::from_bytes(field).unwrap())).collect()
    }

    #[test]
    fn the_cookie_is_found_among_others() {
        for fields in [
            &[b"session=a.b.c".as_slice()][..],
            &[b"a=1; session=a.b.c; b=2"],
            &[b"a=1;session=a.b.c"],
            &[b"a=1", b"session=a.b.c", b"b=2"],
            &[b"other=\xff\"; flag; xsession=1; session=a.b.c; Session=2; session2=3"],
            &[b"a==; =b; session=a.b.c;"],
        ] {
            assert_eq!(read("session", &headers(fields)), Credentials::Bearer("a.b.c".into()), "{fields:?}");
        }
    }

    #[test]
    fn another_name_is_another_cookie() {
        for fields in [&[][..], &[b"session".as_slice()], &[b"Session=a.b.c"], &[b"a=session=a.b.c"]] {
            let none = Credentials::None(NoCredentials::NoField);
            assert_eq!(read("session", &headers(fields)), none, "{fields:?}");
        }
    }

    #[test]
    fn a_cookie_twice_and_one_that_is_no_token_are_malformed() {
        for fields in [
            &[b"session=a; session=a".as_slice()][..],
            &[b"session=a", b"session=b"],
            &[b"session=a; session="],
            &[b"session="],
            &[b"session=\"a.b.c\""],
            &[b"session=a b"],
            &[b"session= a"],
            &[b"session=a,b"],
            &[b"session=a%2eb"],
            &[b"session=\xff"],
        ] {
            assert_eq!(read("session", &headers(fields)), Credentials::Malformed, "{fields:?}");
        }
    }
}
