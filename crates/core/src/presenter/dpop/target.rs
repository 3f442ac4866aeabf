//! The target URI of a request, and whether a proof's `htu` names it (RFC 9449, section 4.3, check 9).

use std::borrow::Cow;

use url::Host;
use url::Url;

/// The URI of a request as its client knows it, without query and fragment.
///
/// Proofs are compared with it after the normalisation of RFC 3986, sections 6.2.2 and 6.2.3: case of scheme and host,
/// percent-encoded unreserved characters, dot segments, default ports. The path has its case, and a last slash counts.
#[derive(Clone, Debug)]
pub struct TargetUri<'a> {
    base: Cow<'a, str>,
    path: Cow<'a, str>,
}

impl<'a> TargetUri<'a> {
    /// The path of a request behind an origin, or behind an origin and the prefix that a proxy took off, as in
    /// `https://api.example.com/v1`. Neither has query or fragment.
    #[must_use]
    pub fn new(base: impl Into<Cow<'a, str>>, path: impl Into<Cow<'a, str>>) -> Self {
        let base = match base.into() {
            Cow::Borrowed(base) => Cow::Borrowed(base.trim_end_matches('/')),
            Cow::Owned(base) => Cow::Owned(base.trim_end_matches('/').to_owned()),
        };
        let path = path.into();
        // `*` and the authority of CONNECT are no paths (RFC 9110, section 7.1).
        let path = if path.starts_with('/') { path } else { Cow::Borrowed("") };
        Self { base, path }
    }

    /// Where the API is, for the log: nothing of the request is in it.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// Whether `htu` is this URI; its query and fragment are not looked at.
    pub(super) fn is_named_by(&self, htu: &str) -> bool {
        let htu = htu.split(['?', '#']).next().unwrap_or_default();
        let is_as_written = htu.strip_prefix(&*self.base).is_some_and(|path| path == self.path);
        is_plain(htu) && (is_as_written || self.is_equivalent(htu))
    }

    fn is_equivalent(&self, htu: &str) -> bool {
        let own = [&*self.base, &*self.path].concat();
        let (own, theirs) = (normalised(&own), normalised(htu));
        own.is_some() && own == theirs
    }

    /// The same, holding its own text.
    pub(crate) fn into_owned(self) -> TargetUri<'static> {
        TargetUri { base: Cow::Owned(self.base.into_owned()), path: Cow::Owned(self.path.into_owned()) }
    }
}

/// What the parser of the WHATWG drops or turns is in no URI.
fn is_plain(text: &str) -> bool {
    !text.contains(|character: char| character.is_whitespace() || character.is_control() || character == '\\')
}

/// `None` if this is no absolute URI of HTTP: the parser alone would repair much of what is none.
fn normalised(text: &str) -> Option<String> {
    let (_, rest) = text.split_once(':').filter(|_| is_plain(text))?;
    let authority = rest
        .strip_prefix("//")?
        .split('/')
        .next()
        .filter(|authority| !authority.is_empty() && !authority.contains('@'))?;
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "https" | "http"))?;
    let is_as_written = match url.host()? {
        Host::Domain(_) | Host::Ipv6(_) => true,
        // It takes many numbers for an address that are names to RFC 3986.
        Host::Ipv4(address) => authority.split(':').next() == Some(&address.to_string()),
    };
    is_as_written.then(|| url.origin().ascii_serialization() + &with_plain_unreserved(url.path()))
}

/// RFC 3986, sections 6.2.2.1 and 6.2.2.2, which the parser leaves to its user.
fn with_plain_unreserved(path: &str) -> String {
    let mut parts = path.split('%');
    let mut normal = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let octet = part.get(..2).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        match octet.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(octet) if octet.is_ascii_alphanumeric() || b"-._~".contains(&octet) => normal.push(octet.into()),
            Some(octet) => normal += &format!("%{octet:02X}"),
            None => {
                normal.push('%');
                normal += part;
                continue;
            }
        }
        normal += part.get(2..).unwrap_or_default();
    }
    normal
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(base: &str, path: &str, htu: &str) -> bool {
        TargetUri::new(base, path).is_named_by(htu)
    }

    /// RFC 3986, sections 6.2.2 and 6.2.3.
    #[test]
    fn equivalent_uris_name_the_same_target() {
        for (path, htu) in [
            ("/a", "https://api.example.com/a"),
            ("/a", "https://api.example.com/a?b=c"),
            ("/a", "https://api.example.com/a#b"),
            ("/a", "https://api.example.com/a?b#c?d"),
            ("/a", "HTTPS://API.example.com/a"),
            ("/a", "https://api.example.com:443/a"),
            ("/a", "https://api.example.com:/a"),
            ("/a~b", "https://api.example.com/a%7eb"),
            ("/%61", "https://api.example.com/a"),
            ("/a%2fb", "https://api.example.com/a%2Fb"),
            ("/x/../a", "https://api.example.com/a"),
            ("/a", "https://api.example.com/./x/%2e%2E/a"),
            ("/", "https://api.example.com"),
            ("/", "https://api.example.com?b"),
            ("*", "https://api.example.com/"),
            ("/%zz%", "https://api.example.com/%zz%"),
            ("/a:b@c", "https://api.example.com/a:b@c"),
        ] {
            assert!(names("https://api.example.com", path, htu), "{path} {htu}");
        }
        assert!(names("https://api.example.com/v1/", "/a", "https://api.example.com/v1/a"));
        assert!(names("http://127.0.0.1:3000", "/a", "http://127.0.0.1:3000/a"));
        assert!(names("http://[::1]:3000", "/a", "http://[0:0::1]:3000/a"));
        // As a `Host` field has it, and as people write it.
        for htu in
            ["https://xn--bcher-kva.example/a", "https://XN--BCHER-KVA.example/a", "https://b\u{fc}cher.example/a"]
        {
            assert!(names("https://xn--bcher-kva.example", "/a", htu), "{htu}");
        }
    }

    #[test]
    fn other_uris_name_another() {
        for (path, htu) in [
            ("/a", "https://api.example.com/A"),
            ("/a", "https://api.example.com/a/"),
            ("/a/", "https://api.example.com/a"),
            ("/a", "https://api.example.com//a"),
            ("/a", "http://api.example.com/a"),
            ("/a", "https://api.example.com:8443/a"),
            ("/a", "https://api.example.com./a"),
            ("/a", "https://other.example.com/a"),
            ("/a", "https://user@api.example.com/a"),
            ("/a", "https://@api.example.com/a"),
            ("/a/b", "https://api.example.com/a%2fb"),
            ("/a%2fb", "https://api.example.com/a/b"),
            ("/a", "https://api.example.com/a%3fb"),
            ("/a", "/a"),
            ("/a", ""),
            ("/a", "//api.example.com/a"),
        ] {
            assert!(!names("https://api.example.com", path, htu), "{path} {htu}");
        }
    }

    #[test]
    fn what_only_a_lenient_parser_reads_names_nothing() {
        for htu in [
            " https://api.example.com/a",
            "https://api.example.com/a ",
            "https://api.example.com/\ta",
            "https://api.exam\nple.com/a",
            "https:\\\\api.example.com\\a",
            "https://api.example.com\\a",
            "https:api.example.com/a",
            "https:/api.example.com/a",
            "https:///api.example.com/a",
            "https://api.example.com/\u{a0}a",
        ] {
            assert!(!names("https://api.example.com", "/a", htu), "{htu:?}");
        }
        // What is asked for may itself be a URI, as a proxy's path often is.
        let asked = "/to/http://a.example";
        assert!(names("https://api.example.com", asked, "HTTPS://api.example.com/to/http://a.example"));
        for htu in [
            "https:api.example.com/to/http://a.example",
            "https:/api.example.com/to/http://a.example",
            "https:user@api.example.com/to/http://a.example",
            "https:///api.example.com/to/http://a.example",
        ] {
            assert!(!names("https://api.example.com", asked, htu), "{htu:?}");
        }
        assert!(!names("http://127.0.0.1", asked, "http:0x7f.1/to/http://a.example"));
        assert!(!names("https://api.example.com", "/a\\b", "https://api.example.com/a\\b"));
        assert!(!names("https://api.example.com", "/a\\b", "https://api.example.com/a/b"));
        assert!(!names("http://127.0.0.1", "/a", "http://0x7f.1/a"));
    }
}
