//! What the proxies in front say of a request as its client has sent it.
//!
//! Each proxy adds its word to the right of what it was sent, so only what stands right of the first address that is no
//! proxy's, and in that place itself, is a trusted proxy's word; the rest is whatever the client has made up.

mod customary;
mod standard;

use std::borrow::Cow;
use std::str::FromStr;

use http::HeaderMap;
use http::HeaderName;
use http::Request;

use crate::host::host;
use crate::peer::TrustedProxies;

/// What should tell the client's host or scheme can be read in several ways, or in none.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct InvalidForwarded;

/// What was told of a client.
#[derive(Debug, Default, Eq, PartialEq)]
pub(crate) struct Told<'a> {
    /// A sound `host[:port]`.
    pub(crate) host: Option<Cow<'a, str>>,
    pub(crate) scheme: Option<Scheme>,
}

/// The scheme that a client has used.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Scheme {
    Http,
    Https,
}

impl<'a> Told<'a> {
    /// What the proxy that the client is connected to has told, and those behind it where it has not; nothing if the
    /// request comes from no trusted proxy. `Forwarded` and `X-Forwarded-*` are two accounts that must not contradict
    /// each other.
    ///
    /// # Errors
    ///
    /// [`InvalidForwarded`]: whoever is in front may have understood such a request otherwise.
    pub(crate) fn of<B>(request: &'a Request<B>, proxies: &TrustedProxies) -> Result<Self, InvalidForwarded> {
        if !proxies.have_sent(request) {
            return Ok(Self::default());
        }
        let standard = standard::told(request.headers(), proxies)?.checked()?;
        let customary = customary::told(request.headers(), proxies)?.checked()?;
        standard.beside(customary)
    }

    fn checked(self) -> Result<Self, InvalidForwarded> {
        match &self.host {
            Some(told) if host(told).is_none() => Err(InvalidForwarded),
            _ => Ok(self),
        }
    }

    fn beside(self, other: Self) -> Result<Self, InvalidForwarded> {
        let contradicts = match (&self.host, &other.host) {
            (Some(one), Some(other)) => host(one) != host(other),
            _ => false,
        };
        if contradicts || self.scheme.zip(other.scheme).is_some_and(|(one, other)| one != other) {
            return Err(InvalidForwarded);
        }
        Ok(Self { host: self.host.or(other.host), scheme: self.scheme.or(other.scheme) })
    }
}

impl Scheme {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

impl FromStr for Scheme {
    type Err = InvalidForwarded;

    /// WebSockets are opened by HTTP, and some proxies tell them by their own schemes.
    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name.to_ascii_lowercase().as_str() {
            "http" | "ws" => Ok(Self::Http),
            "https" | "wss" => Ok(Self::Https),
            _ => Err(InvalidForwarded),
        }
    }
}

/// The values of a field, in the order in which they were added.
fn values<'a>(
    headers: &'a HeaderMap,
    name: &HeaderName,
) -> impl Iterator<Item = Result<&'a str, InvalidForwarded>> + use<'a> {
    headers.get_all(name).iter().map(|value| value.to_str().map_err(|_| InvalidForwarded))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(host: &'static str, scheme: Option<Scheme>) -> Told<'static> {
        Told { host: (!host.is_empty()).then_some(host.into()), scheme }
    }

    #[test]
    fn two_accounts_add_up_unless_they_contradict() {
        let https = Some(Scheme::Https);
        assert_eq!(told("", None).beside(told("", None)), Ok(Told::default()));
        assert_eq!(told("a.example", None).beside(told("", https)), Ok(told("a.example", https)));
        assert_eq!(told("", https).beside(told("a.example", None)), Ok(told("a.example", https)));
        assert_eq!(told("a.example", https).beside(told("A.example:443", https)), Ok(told("a.example", https)));
        assert_eq!(told("a.example", None).beside(told("b.example", None)), Err(InvalidForwarded));
        assert_eq!(told("", Some(Scheme::Http)).beside(told("", https)), Err(InvalidForwarded));
    }

    #[test]
    fn what_is_no_host_is_no_account() {
        for host in ["a/b", "a?", "a#", "u@a", "a,b", "a b", "a:0", "[::1", "_hidden:x"] {
            assert_eq!(told(host, None).checked(), Err(InvalidForwarded), "{host}");
        }
    }

    #[test]
    fn the_scheme_is_that_of_http() {
        for (name, scheme) in [("http", "http"), ("HTTPS", "https"), ("ws", "http"), ("wss", "https")] {
            assert_eq!(name.parse::<Scheme>().map(Scheme::as_str), Ok(scheme));
        }
        for name in ["", "ftp", "https ", "http:"] {
            assert!(name.parse::<Scheme>().is_err(), "{name}");
        }
    }
}
