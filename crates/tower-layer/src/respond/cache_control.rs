//! `Cache-Control` of responses to tokens that caches do not know as credentials (RFC 9111, section 3.5; RFC 6750,
//! section 2.3).

use std::mem;

use http::HeaderMap;
use http::HeaderValue;
use http::header::CACHE_CONTROL;

/// Keeps a response out of shared caches. Its other directives stay.
pub(crate) fn keep_private(headers: &mut HeaderMap) {
    let fields = headers.get_all(CACHE_CONTROL);
    let directives: Vec<_> = fields.iter().flat_map(directives).collect();
    let is_shared = directives.iter().any(|directive| is_for_shared_caches(directive));
    if !is_shared && directives.iter().any(|directive| is_kept(directive)) {
        return;
    }
    let mut kept: Vec<_> = directives.into_iter().filter(|directive| !is_for_shared_caches(directive)).collect();
    if !kept.iter().any(|directive| is_kept(directive)) {
        kept.push(b"private");
    }
    let private = || HeaderValue::from_static("private");
    let field = HeaderValue::from_bytes(&kept.join(b", ".as_slice())).unwrap_or_else(|_| private());
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

fn is_for_shared_caches(directive: &[u8]) -> bool {
    let name = directive.split(|byte| *byte == b'=').next().unwrap_or_default().trim_ascii_end();
    name.eq_ignore_ascii_case(b"public") || name.eq_ignore_ascii_case(b"s-maxage")
}

/// `private` with field names concerns those alone (RFC 9111, section 5.2.2.7).
fn is_kept(directive: &[u8]) -> bool {
    directive.eq_ignore_ascii_case(b"private") || directive.eq_ignore_ascii_case(b"no-store")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_to_shared_caches_and_the_rest_stays() {
        for (fields, kept) in [
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
            let field = |value: &&str| (CACHE_CONTROL, HeaderValue::from_str(value).unwrap());
            let mut headers: HeaderMap = fields.iter().map(field).collect();
            keep_private(&mut headers);
            assert_eq!(headers.get_all(CACHE_CONTROL).iter().collect::<Vec<_>>(), kept, "{fields:?}");
        }
    }
}
