//! Paths of URIs, in the one form in which they are compared (RFC 3986, section 6.2.2).

/// The path of a URI of HTTP in its normal form; nothing is the same as a slash (RFC 9110, section 4.2.3).
pub(super) fn normalised(path: &str) -> String {
    without_dot_segments(&with_normal_escapes(path))
}

/// Percent-encodes what a path must not have as it is, and decodes what need not be encoded, with digits in upper case
/// (RFC 3986, sections 2.4, 3.3, 6.2.2.1 and 6.2.2.2). A `%` that begins no escape is encoded too.
///
/// One pass from left to right: what is decoded never becomes part of another escape.
pub(super) fn with_normal_escapes(text: &str) -> String {
    let mut normal = String::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [octet, behind @ ..] = rest {
        let escaped = if *octet == b'%' { escaped_octet(behind) } else { None };
        rest = if escaped.is_some() { &behind[2..] } else { behind };
        match escaped {
            Some(octet) if is_unreserved(octet) => normal.push(octet.into()),
            Some(octet) => push_escaped(&mut normal, octet),
            None if is_unreserved(*octet) || is_reserved_in_path(*octet) => normal.push((*octet).into()),
            None => push_escaped(&mut normal, *octet),
        }
    }
    normal
}

fn escaped_octet(behind: &[u8]) -> Option<u8> {
    let digit = |octet: &u8| char::from(*octet).to_digit(16);
    let (high, low) = (digit(behind.first()?)?, digit(behind.get(1)?)?);
    u8::try_from(high * 16 + low).ok()
}

fn push_escaped(text: &mut String, octet: u8) {
    let digit = |value: u8| char::from(b"0123456789ABCDEF"[usize::from(value)]);
    text.extend(['%', digit(octet >> 4), digit(octet & 0xf)]);
}

/// RFC 3986, section 2.3.
fn is_unreserved(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b"-._~".contains(&octet)
}

/// What else a `path-absolute` may have as it is; it means something else when it is encoded.
fn is_reserved_in_path(octet: u8) -> bool {
    b"/!$&'()*+,;=:@".contains(&octet)
}

/// RFC 3986, section 5.2.4.
fn without_dot_segments(path: &str) -> String {
    let mut kept = Vec::new();
    let mut segments = path.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        match segment {
            "." => {}
            ".." => {
                kept.pop();
            }
            _ => kept.push(segment),
        }
        if matches!(segment, "." | "..") && segments.peek().is_none() {
            kept.push("");
        }
    }
    if kept.is_empty() { "/".to_owned() } else { kept.iter().flat_map(|segment| ["/", segment]).collect() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use url::Url;

    use super::*;

    /// RFC 3986, section 5.4.
    #[test]
    fn dot_segments_are_removed_as_the_rfc_does() {
        for (path, normal) in [
            ("", "/"),
            ("/", "/"),
            ("/b/c/./g", "/b/c/g"),
            ("/b/c/.", "/b/c/"),
            ("/b/c/..", "/b/"),
            ("/b/c/../g", "/b/g"),
            ("/b/c/../../../../g", "/g"),
            ("/b/c/g/./h", "/b/c/g/h"),
            ("/b/c/g./..g", "/b/c/g./..g"),
            ("/b//../c", "/b/c"),
            ("//..", "/"),
            ("/b/%2E%2e/c", "/c"),
        ] {
            assert_eq!(normalised(path), normal, "{path}");
        }
    }

    #[test]
    fn escapes_have_one_form() {
        for (path, normal) in [
            ("/%7ea%2d%2E%5F", "/~a-._"),
            ("/%2f%3a%40", "/%2F%3A%40"),
            ("/:@!$&'()*+,;=", "/:@!$&'()*+,;="),
            ("/%", "/%25"),
            ("/%4", "/%254"),
            ("/%%34%31", "/%2541"),
            ("/\u{e4}", "/%C3%A4"),
        ] {
            assert_eq!(normalised(path), normal, "{path}");
        }
    }

    proptest! {
        #[test]
        fn the_normal_form_of_a_normal_form_is_itself(path in "/[ -~\u{e4}]{0,20}") {
            let normal = normalised(&path);
            assert_eq!(normalised(&normal), normal);
        }

        /// A second implementation, where both follow the same rules.
        #[test]
        fn dot_segments_are_removed_as_the_parser_of_urls_does(path in "(/(\\.{1,3}|[ab]|\\.b|%2e)?){0,8}") {
            let url = Url::parse(&["https://a.example", &path].concat()).unwrap();
            assert_eq!(normalised(&path), url.path().replace("%2e", "."));
        }
    }
}
