//! A resource identifier (RFC 9728, section 1.2), and where the metadata of its resource are.

use claviger_core::address::is_loopback;
use url::Position;
use url::Url;

/// A checked identifier, exactly as it was written.
#[derive(Clone, Debug)]
pub(super) struct Identifier {
    text: Box<str>,
    /// Where the path begins in the text.
    path_at: usize,
}

impl Identifier {
    /// # Errors
    ///
    /// Everything that is wrong with it.
    pub(super) fn parse(text: &str) -> Result<Self, Vec<String>> {
        let Ok(url) = Url::parse(text) else {
            return Err(vec!["must be an absolute https URL".to_owned()]);
        };
        let problems = problems(text, &url);
        if !problems.is_empty() {
            return Err(problems);
        }
        // But for letter case and a last slash the text is what was parsed.
        Ok(Self { text: text.into(), path_at: url[..Position::BeforePath].len() })
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// Inserted before the path; a slash alone is none (RFC 9728, section 3.1).
    pub(super) fn metadata_path(&self) -> String {
        let path = &self.text[self.path_at..];
        format!("{WELL_KNOWN}{}", if path == "/" { "" } else { path })
    }

    pub(super) fn metadata_url(&self) -> String {
        format!("{}{}", self.origin(), self.metadata_path())
    }

    /// As it is written.
    pub(super) fn origin(&self) -> &str {
        &self.text[..self.path_at]
    }
}

fn problems(text: &str, url: &Url) -> Vec<String> {
    let mut problems = Vec::new();
    let is_loopback_http = url.scheme() == "http" && is_loopback(url);
    if url.scheme() != "https" && !is_loopback_http {
        problems.push("must be https (http is for loopback hosts alone)".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        problems.push("must have neither query nor fragment (RFC 9728, section 1.2)".to_owned());
    }
    let authority = text.split('/').nth(2).unwrap_or_default();
    if authority.contains('@') {
        problems.push("must not hold a user name or password".to_owned());
    }
    // What a parser adds, drops or turns, clients would ask for and compare in another spelling. What it leaves is ASCII
    // without blanks, quotes and backslashes, so it fits into a challenge.
    let is_as_written = |text: &str| text.eq_ignore_ascii_case(url.as_str());
    if problems.is_empty() && !is_as_written(text) && !is_as_written(&format!("{text}/")) {
        problems.push(format!("must be written as URL parsers write it: {url}"));
    }
    problems
}

pub(super) const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 9728, sections 3 and 3.1.
    #[test]
    fn the_well_known_path_goes_before_that_of_the_resource() {
        for (identifier, url, path) in [
            ("https://resource.example.com", "https://resource.example.com", ""),
            ("https://resource.example.com/", "https://resource.example.com", ""),
            ("https://resource.example.com/resource1", "https://resource.example.com", "/resource1"),
            ("https://resource.example.com/resource1/", "https://resource.example.com", "/resource1/"),
            ("https://resource.example.com:8443/a/b", "https://resource.example.com:8443", "/a/b"),
            ("HTTPS://Resource.example.com/A%7eb", "HTTPS://Resource.example.com", "/A%7eb"),
            ("http://127.0.0.1:3000/mcp", "http://127.0.0.1:3000", "/mcp"),
            ("http://localhost/mcp", "http://localhost", "/mcp"),
            ("http://[::1]", "http://[::1]", ""),
        ] {
            let parsed = Identifier::parse(identifier).unwrap();
            assert_eq!(parsed.as_str(), identifier);
            assert_eq!(parsed.metadata_path(), format!("/.well-known/oauth-protected-resource{path}"));
            assert_eq!(parsed.metadata_url(), format!("{url}/.well-known/oauth-protected-resource{path}"));
        }
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        assert_eq!(Identifier::parse("http://user@api.example.com/?x#y").unwrap_err().len(), 3);
    }

    #[test]
    fn a_user_name_and_password_are_not_repeated() {
        let told = Identifier::parse("https://alice:marker@api.example.com/a b").unwrap_err().join(" ");
        assert!(!told.contains("marker") && !told.contains("alice"), "{told}");
    }
}
