//! The target URI of a request, and whether a proof's `htu` names it (RFC 9449, section 4.3, check 9).

use std::borrow::Cow;

use url::Host;
use url::Url;

use crate::presenter::dpop::path;

/// The URI of a request as its client knows it, without query and fragment.
///
/// Proofs are compared with it after the normalisation of RFC 3986, sections 6.2.2 and 6.2.3: case of scheme and host,
/// percent-encoded unreserved characters, dot segments, default ports. Characters that RFC 3986 forbids in a path, such as
/// `|` and `[`, equal their percent-encoded form, because proxies encode them. Hosts are ASCII: an internationalised name
/// stands there as `xn--…`. The path has its case, and a last slash counts, except behind a prefix: see
/// [`new`](Self::new).
#[derive(Clone, Debug)]
pub struct TargetUri<'a> {
    base: Cow<'a, str>,
    path: Cow<'a, str>,
}

impl<'a> TargetUri<'a> {
    /// The path of a request behind an origin, or behind an origin and the prefix that a proxy took off, as in
    /// `https://api.example.com/v1`. Neither has query or fragment.
    ///
    /// Behind a prefix the path `/` stands for the prefix with and without its slash: a proxy that strips `/v1` sends `/`
    /// for both `/v1` and `/v1/`.
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
        is_plain(htu) && (self.is_written_as(htu) || self.is_equivalent(htu))
    }

    fn is_written_as(&self, htu: &str) -> bool {
        htu.strip_prefix(&*self.base).is_some_and(|path| self.paths().any(|own| own == path))
    }

    fn is_equivalent(&self, htu: &str) -> bool {
        let is_same = |own: &str, named: &str| normalised(&[&*self.base, own].concat()).is_some_and(|own| own == named);
        normalised(htu).is_some_and(|named| self.paths().any(|own| is_same(own, &named)))
    }

    /// What stands behind the base: the path, and nothing where the path is only a slash.
    fn paths(&self) -> impl Iterator<Item = &str> {
        let is_root = &*self.path == "/";
        std::iter::once(&*self.path).chain(is_root.then_some(""))
    }

    /// The same, holding its own text.
    pub(crate) fn into_owned(self) -> TargetUri<'static> {
        TargetUri { base: Cow::Owned(self.base.into_owned()), path: Cow::Owned(self.path.into_owned()) }
    }
}

/// What the WHATWG's parser drops or changes is in no URI; a proof that needs a lenient parser is refused.
fn is_plain(text: &str) -> bool {
    !text.contains(|character: char| character.is_whitespace() || character.is_control() || character == '\\')
}

/// `None` if this is no absolute URI of HTTP.
fn normalised(uri: &str) -> Option<String> {
    let (scheme, rest) = uri.split_once(':')?;
    let rest = rest.strip_prefix("//")?;
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    Some(origin(scheme, authority)? + &path::normalised(path))
}

/// The scheme, the host and the port that is not the scheme's own.
fn origin(scheme: &str, authority: &str) -> Option<String> {
    if !["https", "http"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
        return None;
    }
    let port_at = authority.rfind(':').filter(|at| !authority[*at..].contains(']')).unwrap_or(authority.len());
    let (host, port) = authority.split_at(port_at);
    // What is still escaped is not ASCII, and the parser would map it to another name (UTS 46).
    let host = if host.starts_with('[') { host.to_owned() } else { path::with_normal_escapes(host) };
    if host.is_empty() || host.contains(['%', '@']) {
        return None;
    }
    let url = Url::parse(&[scheme, "://", &host, port].concat()).ok()?;
    let is_as_written = match url.host()? {
        Host::Domain(_) | Host::Ipv6(_) => true,
        // It takes many numbers for an address that are names to RFC 3986.
        Host::Ipv4(address) => host == address.to_string(),
    };
    is_as_written.then(|| url.origin().ascii_serialization())
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
            ("/a:b@c", "https://api.example.com/a:b@c"),
            ("/a", "https://api%2Eexample.com/%61"),
        ] {
            assert!(names("https://api.example.com", path, htu), "{path} {htu}");
        }
        assert!(names("https://api.example.com/v1/", "/a", "https://api.example.com/v1/a"));
        assert!(names("http://127.0.0.1:3000", "/a", "http://127.0.0.1:3000/a"));
        assert!(names("http://[::1]:3000", "/a", "http://[0:0::1]:3000/a"));
    }

    #[test]
    fn hosts_are_ascii() {
        for (htu, is_named) in [
            ("https://xn--bcher-kva.example/a", true),
            ("https://XN--BCHER-KVA.example/a", true),
            ("https://b\u{fc}cher.example/a", false),
            ("https://b%C3%BCcher.example/a", false),
            ("https://xn--bcher-kva\u{3002}example/a", false),
            ("https://xn--bcher-kva.\u{ff45}xample/a", false),
            ("https://xn--bcher\u{ad}-kva.example/a", false),
        ] {
            assert_eq!(names("https://xn--bcher-kva.example", "/a", htu), is_named, "{htu}");
        }
    }

    #[test]
    fn behind_a_prefix_the_root_is_the_prefix_with_and_without_its_slash() {
        for base in ["https://api.example.com/mcp", "https://api.example.com/mcp/"] {
            for htu in [
                "https://api.example.com/mcp",
                "https://api.example.com/mcp/",
                "https://api.example.com/mcp?a=b",
                "HTTPS://API.example.com/%6dcp",
                "https://api.example.com:443/./mcp/",
            ] {
                assert!(names(base, "/", htu), "{base} {htu}");
            }
            for htu in ["https://api.example.com/", "https://api.example.com/mcp//", "https://api.example.com/mcpx"] {
                assert!(!names(base, "/", htu), "{base} {htu}");
            }
            assert!(names(base, "/a/", "https://api.example.com/mcp/a/"));
            assert!(!names(base, "/a/", "https://api.example.com/mcp/a"));
            assert!(!names(base, "/a", "https://api.example.com/mcp"));
        }
    }

    /// RFC 3986, section 3.3. Some proxies encode them on the way, and others do not.
    #[test]
    fn characters_that_are_forbidden_equal_their_percent_encoded_form() {
        let origin = "https://api.example.com";
        for (raw, encoded) in [
            ("/a|b", "/a%7Cb"),
            ("/a[0]", "/a%5B0%5D"),
            ("/{a}", "/%7Ba%7D"),
            ("/\"<>^`", "/%22%3C%3E%5E%60"),
            ("/b\u{fc}cher", "/b%c3%bccher"),
            ("/%zz%", "/%25zz%25"),
            ("/%2%41", "/%252A"),
        ] {
            for asked in [raw, encoded] {
                for named in [raw, encoded] {
                    assert!(names(origin, asked, &[origin, named].concat()), "{named} for {asked}");
                }
            }
        }
        // A backslash may stand in a request; a proof has it encoded.
        assert!(names(origin, "/a\\b", "https://api.example.com/a%5Cb"));
        for (asked, named) in [("/%2%41", "/%2A"), ("/a\\b", "/a/b"), ("/a%7Cb", "/a%7cb%7c"), ("/a+b", "/a%2Bb")] {
            assert!(!names(origin, asked, &[origin, named].concat()), "{named} for {asked}");
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
            ("/a", "https://api.example.com%3A443/a"),
            ("/a", "https://api.example.com:%34%34%33/a"),
            ("/a", "https://[::1]/a"),
            ("/a", "ftp://api.example.com/a"),
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
