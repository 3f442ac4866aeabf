//! The addresses that clients know this API by: `public_url` and `hosts`.

use claviger_core::address::is_loopback;
use claviger_core::error::Problems;
use url::Url;

use crate::config::AuthConfigBuilder;
use crate::config::section::Section;
use crate::host::host;

/// As they are configured.
#[derive(Clone, Debug, Default)]
pub(crate) struct AddressOptions {
    public_url: Option<String>,
    hosts: Vec<String>,
}

/// As they were checked.
#[derive(Debug)]
pub(crate) struct Address {
    pub(super) public_url: Option<Url>,
    /// In the form in which a URL has them, each with `https`.
    pub(super) hosts: Vec<Url>,
}

impl AuthConfigBuilder {
    /// The address that clients know this API by: its origin, and the prefix that a proxy strips, if one does. DPoP proofs
    /// are for it, and an `Origin` is compared with it where a cookie holds the token. Without it, the origin of
    /// [`with_resource`](Self::with_resource).
    pub fn with_public_url(mut self, url: impl Into<String>) -> Self {
        self.address.public_url = Some(url.into());
        self
    }

    /// The hosts that clients know this API by where it has neither [`with_public_url`](Self::with_public_url) nor a
    /// resource, each as `host` or `host:port`; the scheme is `https`.
    pub fn with_hosts(mut self, hosts: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.address.hosts = hosts.into_iter().map(Into::into).collect();
        self
    }
}

pub(super) fn read(root: &mut Section, mut builder: AuthConfigBuilder) -> AuthConfigBuilder {
    if let Some(url) = root.text("public_url") {
        builder = builder.with_public_url(url);
    }
    if let Some(hosts) = root.some_texts("hosts") {
        builder = builder.with_hosts(hosts);
    }
    builder
}

impl AddressOptions {
    /// Checks all that can be wrong with them. The origin of `resource`, which was checked, stands in for `public_url`.
    pub(super) fn check(&self, resource: Option<&str>, problems: &mut Problems) -> Address {
        let mut wrong = |path: String, message| problems.add(path, message);
        let of_resource = || resource.and_then(|text| Url::parse(text).ok()?.join("/").ok());
        let public_url = match &self.public_url {
            Some(text) => public_url(text).map_err(|message| wrong("public_url".to_owned(), message)).ok(),
            None => of_resource(),
        };
        let mut hosts = Vec::with_capacity(self.hosts.len());
        for (at, text) in self.hosts.iter().enumerate() {
            match host(text) {
                Some(host) => hosts.push(host),
                None => wrong(format!("hosts[{at}]"), "must be `host` or `host:port`, as the `Host` field has it"),
            }
        }
        Address { public_url, hosts }
    }
}

impl AddressOptions {
    /// Whether there is anything to go by.
    pub(super) fn is_given(&self) -> bool {
        self.public_url.is_some() || !self.hosts.is_empty()
    }
}

impl Address {
    /// The origins of our own pages, as browsers serialise them.
    pub(super) fn origins(&self) -> impl Iterator<Item = String> {
        let hosts = if self.public_url.is_none() { self.hosts.as_slice() } else { &[] };
        self.public_url.iter().chain(hosts).map(|url| url.origin().ascii_serialization())
    }
}

fn public_url(text: &str) -> Result<Url, &'static str> {
    let url = origin_and_path(text)?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err("must have neither query nor fragment");
    }
    Ok(url)
}

/// An origin and nothing else, as the `Origin` field has it (RFC 6454, section 6.2).
pub(super) fn origin(text: &str) -> Result<String, &'static str> {
    let url = origin_and_path(text)?;
    if url.path() != "/" || text.ends_with('/') || url.query().is_some() || url.fragment().is_some() {
        return Err("must be an origin: scheme, host and perhaps a port");
    }
    Ok(url.origin().ascii_serialization())
}

/// Not what a URL parser would make of it, but what stands there.
fn origin_and_path(text: &str) -> Result<Url, &'static str> {
    let is_turned = |character: char| character.is_whitespace() || character.is_control() || character == '\\';
    let url = Url::parse(text).map_err(|_| "must be a URL")?;
    if text.contains(is_turned) || !url.has_host() {
        return Err("must be a URL with a host, without white space, control characters or backslashes");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not hold a user name or password");
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        _ => Err("must be https (http is for loopback hosts)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_written_as_browsers_write_it() {
        for (text, serialised) in [
            ("https://app.example.com", "https://app.example.com"),
            ("https://App.example.com:443", "https://app.example.com"),
            ("https://app.example.com:8443", "https://app.example.com:8443"),
            ("http://localhost:3000", "http://localhost:3000"),
            ("http://[::1]:3000", "http://[::1]:3000"),
        ] {
            assert_eq!(origin(text).as_deref(), Ok(serialised), "{text}");
        }
        for text in [
            "",
            "null",
            "*",
            "app.example.com",
            "http://app.example.com",
            "https://app.example.com/",
            "https://app.example.com/x",
            "https://app.example.com?",
            "https://app.example.com#x",
            "https://user@app.example.com",
            "https://app.example.com\t",
            "https:\\\\app.example.com",
            "file:///x",
            "data:x",
        ] {
            assert!(origin(text).is_err(), "{text}");
        }
    }
}
