//! `Cache-Control` of responses that depend on a token (RFC 9111, section 3.5; RFC 6750, section 2.3).

use std::mem;

use http::HeaderMap;
use http::HeaderValue;
use http::header::CACHE_CONTROL;
use http::header::Entry;

/// How far caches may share the response of the service behind the layer.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Sharing {
    /// As the service says: no token was accepted.
    #[default]
    AsStated,
    /// Not between users, unless the service permits it: some proxies cache answers to `Authorization` all the same.
    NotByDefault,
    /// Not between users: the token came from where caches do not know credentials.
    Never,
}

impl Sharing {
    pub(super) fn apply(self, headers: &mut HeaderMap) {
        match self {
            Self::AsStated => {}
            Self::NotByDefault => match headers.entry(CACHE_CONTROL) {
                Entry::Vacant(absent) => {
                    absent.insert(PRIVATE);
                }
                Entry::Occupied(_) => restrict(headers, |_| true),
            },
            Self::Never => restrict(headers, |directive| !permits_sharing(directive)),
        }
    }
}

/// Leaves the directives that pass `keep`, and adds `private` where none of them says who may store the response.
fn restrict(headers: &mut HeaderMap, keep: fn(&[u8]) -> bool) {
    let stated: Vec<_> = headers.get_all(CACHE_CONTROL).iter().flat_map(directives).collect();
    let mut left: Vec<_> = stated.iter().copied().filter(|directive| keep(directive)).collect();
    let is_decided = left.iter().any(|directive| permits_sharing(directive) || forbids_sharing(directive));
    if is_decided && left.len() == stated.len() {
        return;
    }
    if !is_decided {
        left.push(PRIVATE_DIRECTIVE);
    }
    let field = HeaderValue::from_bytes(&left.join(b", ".as_slice())).unwrap_or(PRIVATE);
    headers.insert(CACHE_CONTROL, field);
}

/// The list's elements; a comma within quotes separates none, and a quote behind a backslash ends none.
fn directives(field: &HeaderValue) -> impl Iterator<Item = &[u8]> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    let elements = field.as_bytes().split(move |byte| {
        let was_escaped = mem::take(&mut is_escaped);
        is_escaped = is_quoted && !was_escaped && *byte == b'\\';
        is_quoted ^= *byte == b'"' && !was_escaped;
        *byte == b',' && !is_quoted
    });
    elements.map(<[u8]>::trim_ascii).filter(|element| !element.is_empty())
}

fn permits_sharing(directive: &[u8]) -> bool {
    let name = directive.split(|byte| *byte == b'=').next().unwrap_or_default().trim_ascii_end();
    name.eq_ignore_ascii_case(b"public") || name.eq_ignore_ascii_case(b"s-maxage")
}

/// `private` with field names concerns those alone (RFC 9111, section 5.2.2.7).
fn forbids_sharing(directive: &[u8]) -> bool {
    directive.eq_ignore_ascii_case(PRIVATE_DIRECTIVE) || directive.eq_ignore_ascii_case(b"no-store")
}

const PRIVATE: HeaderValue = HeaderValue::from_static("private");
const PRIVATE_DIRECTIVE: &[u8] = b"private";

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_said(sharing: Sharing, fields: &[&str], expected: &[&str]) {
        let field = |value: &&str| (CACHE_CONTROL, HeaderValue::from_str(value).unwrap());
        let mut headers: HeaderMap = fields.iter().map(field).collect();
        sharing.apply(&mut headers);
        assert_eq!(headers.get_all(CACHE_CONTROL).iter().collect::<Vec<_>>(), expected, "{sharing:?} {fields:?}");
    }

    #[test]
    fn private_is_added_unless_the_service_says_who_may_store() {
        for (fields, expected) in [
            (&[][..], &["private"][..]),
            (&["max-age=60"], &["max-age=60, private"]),
            (&["no-cache", "max-age=0"], &["no-cache, max-age=0, private"]),
            (&["private"], &["private"]),
            (&["no-store"], &["no-store"]),
            (&["public"], &["public"]),
            (&["Public, max-age=60"], &["Public, max-age=60"]),
            (&["s-maxage=60"], &["s-maxage=60"]),
            (&["S-MAXAGE = 60"], &["S-MAXAGE = 60"]),
            (&["max-age=60", "public"], &["max-age=60", "public"]),
            (&["private=\"set-cookie, public\""], &["private=\"set-cookie, public\", private"]),
            (&["x=\"a, public, b\""], &["x=\"a, public, b\", private"]),
            (&[""], &["private"]),
        ] {
            assert_said(Sharing::NotByDefault, fields, expected);
        }
    }

    #[test]
    fn nothing_is_left_to_shared_caches_and_the_rest_stays() {
        for (fields, expected) in [
            (&[][..], &["private"][..]),
            (&["public"], &["private"]),
            (&["public, max-age=60"], &["max-age=60, private"]),
            (&["Public", "S-MaxAge=60, no-cache"], &["no-cache, private"]),
            (&["max-age=60"], &["max-age=60, private"]),
            (&["private=\"set-cookie, public\", max-age=1"], &["private=\"set-cookie, public\", max-age=1, private"]),
            (&["private, s-maxage=60"], &["private"]),
            (&["no-store, public"], &["no-store"]),
            (&["no-store"], &["no-store"]),
            (&["PRIVATE", "max-age=60"], &["PRIVATE", "max-age=60"]),
            (&["x-public=1,,"], &["x-public=1, private"]),
            (&["x=\"\\\"\", public, s-maxage=60"], &["x=\"\\\"\", private"]),
            (&["x=\"\\\\\", public"], &["x=\"\\\\\", private"]),
            (&["x=\"a\\\", public\""], &["x=\"a\\\", public\", private"]),
            (&["x=\"a, public, b\""], &["x=\"a, public, b\", private"]),
        ] {
            assert_said(Sharing::Never, fields, expected);
        }
    }

    #[test]
    fn without_a_token_it_is_as_the_service_says() {
        for fields in [&[][..], &["public"], &["max-age=60", "no-cache"]] {
            assert_said(Sharing::AsStated, fields, fields);
        }
    }
}
