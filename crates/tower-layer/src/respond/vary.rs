//! `Vary` of answers to anonymous requests where a token would have changed them (RFC 9111, section 4.1).

use http::HeaderMap;
use http::HeaderValue;
use http::header::VARY;

/// Adds the names in `fields` to those that the response has. One line, because some caches read one alone.
pub(super) fn add(headers: &mut HeaderMap, fields: &HeaderValue) {
    if !headers.contains_key(VARY) {
        headers.insert(VARY, fields.clone());
        return;
    }
    let stated = headers.get_all(VARY).iter().flat_map(names);
    let mut all: Vec<_> = stated.collect();
    for name in names(fields) {
        if !all.iter().any(|known| *known == b"*" || known.eq_ignore_ascii_case(name)) {
            all.push(name);
        }
    }
    let field = HeaderValue::from_bytes(&all.join(b", ".as_slice())).unwrap_or_else(|_| fields.clone());
    headers.insert(VARY, field);
}

fn names(field: &HeaderValue) -> impl Iterator<Item = &[u8]> {
    field.as_bytes().split(|byte| *byte == b',').map(<[u8]>::trim_ascii).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_added_once_and_an_asterisk_covers_them() {
        for (stated, expected) in [
            (&[][..], "Authorization, Cookie"),
            (&["Accept-Encoding"], "Accept-Encoding, Authorization, Cookie"),
            (&["accept", "authorization"], "accept, authorization, Cookie"),
            (&["COOKIE,Authorization"], "COOKIE, Authorization"),
            (&["*"], "*"),
            (&[" , "], "Authorization, Cookie"),
        ] {
            let mut headers: HeaderMap =
                stated.iter().map(|value| (VARY, HeaderValue::from_str(value).unwrap())).collect();
            add(&mut headers, &HeaderValue::from_static("Authorization, Cookie"));
            assert_eq!(headers.get_all(VARY).iter().collect::<Vec<_>>(), [expected], "{stated:?}");
        }
    }
}
