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

use crate::address_fault::AddressFault;
use crate::peer::TrustedProxies;

/// The fields in which the [trusted proxies](crate::AuthConfigBuilder::with_trusted_proxies) describe a request as its
/// client sent it.
///
/// A proxy must clear or overwrite the fields that are read; most proxies write one of the two families and pass on
/// what a client sends in the other, so naming the right one means that a client cannot contradict its proxy.
///
/// ```
/// use claviger::ForwardedFields;
///
/// assert_eq!("rfc7239".parse(), Ok(ForwardedFields::Rfc7239));
/// assert_eq!(ForwardedFields::default(), ForwardedFields::Both);
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum ForwardedFields {
    /// `X-Forwarded-For`, `X-Forwarded-Host` and `X-Forwarded-Proto`, which most proxies write.
    XForwarded,
    /// `Forwarded` (RFC 7239).
    Rfc7239,
    /// Both, as two accounts that add up and must not contradict each other. The default.
    #[default]
    Both,
}

/// The scheme that a client has used.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Scheme {
    Http,
    Https,
}

/// The host that the client asked the outermost trusted proxy for; `None` if no trusted proxy says so.
///
/// # Errors
///
/// [`AddressFault`]: whoever is in front may have understood such a request otherwise.
pub(crate) fn host<'a, B>(
    request: &'a Request<B>,
    proxies: &TrustedProxies,
) -> Result<Option<Cow<'a, str>>, AddressFault> {
    if !proxies.have_sent(request) {
        return Ok(None);
    }
    let read_standard = || checked(standard::host(request.headers(), proxies)?, "Forwarded");
    let read_customary =
        || checked(customary::host(request.headers(), proxies)?.map(Cow::Borrowed), "X-Forwarded-Host");
    let is_same = |one: &Cow<'_, str>, other: &Cow<'_, str>| crate::host::host(one) == crate::host::host(other);
    proxies.fields().combine(read_standard, read_customary, is_same, "names another host than `X-Forwarded-Host`")
}

/// The scheme that the client used, as [`host`] the host. Not asked for where our own address says it.
///
/// # Errors
///
/// [`AddressFault`], as there.
pub(crate) fn scheme<B>(request: &Request<B>, proxies: &TrustedProxies) -> Result<Option<Scheme>, AddressFault> {
    if !proxies.have_sent(request) {
        return Ok(None);
    }
    let read_standard = || standard::scheme(request.headers(), proxies);
    let read_customary = || customary::scheme(request.headers(), proxies);
    let contradiction = "names another scheme than `X-Forwarded-Proto`";
    proxies.fields().combine(read_standard, read_customary, Scheme::eq, contradiction)
}

fn checked<'a>(host: Option<Cow<'a, str>>, field: &'static str) -> Result<Option<Cow<'a, str>>, AddressFault> {
    match &host {
        Some(text) if crate::host::host(text).is_none() => Err(AddressFault::new(field, "has no `host[:port]`")),
        _ => Ok(host),
    }
}

impl ForwardedFields {
    /// The one account or both, if they are read.
    fn combine<T>(
        self,
        standard: impl FnOnce() -> Result<Option<T>, AddressFault>,
        customary: impl FnOnce() -> Result<Option<T>, AddressFault>,
        is_same: impl FnOnce(&T, &T) -> bool,
        contradiction: &'static str,
    ) -> Result<Option<T>, AddressFault> {
        match self {
            Self::XForwarded => customary(),
            Self::Rfc7239 => standard(),
            Self::Both => match (standard()?, customary()?) {
                (Some(one), Some(other)) if !is_same(&one, &other) => {
                    Err(AddressFault::new("Forwarded", contradiction))
                }
                (one, other) => Ok(one.or(other)),
            },
        }
    }
}

impl FromStr for ForwardedFields {
    type Err = &'static str;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "x-forwarded" => Ok(Self::XForwarded),
            "rfc7239" => Ok(Self::Rfc7239),
            "both" => Ok(Self::Both),
            _ => Err("must be \"x-forwarded\", \"rfc7239\" or \"both\""),
        }
    }
}

impl Scheme {
    /// WebSockets are opened by HTTP, and some proxies name them by their own schemes. `None` for any other scheme.
    fn read(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "http" | "ws" => Some(Self::Http),
            "https" | "wss" => Some(Self::Https),
            _ => None,
        }
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    const WRONG: &'static str = "has no scheme of HTTP";
}

/// The values of a field, in the order in which they were added; `None` for what is not text.
fn values<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = Option<&'a str>> + use<'a> {
    headers.get_all(name).iter().map(|value| value.to_str().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn combined<'a>(
        fields: ForwardedFields,
        standard: Option<&'a str>,
        customary: Option<&'a str>,
    ) -> Result<Option<&'a str>, AddressFault> {
        fields.combine(|| Ok(standard), || Ok(customary), |one, other| one == other, "contradicts")
    }

    #[test]
    fn two_accounts_add_up_unless_they_contradict() {
        let both = ForwardedFields::Both;
        assert_eq!(combined(both, None, None), Ok(None));
        assert_eq!(combined(both, Some("a"), None), Ok(Some("a")));
        assert_eq!(combined(both, None, Some("a")), Ok(Some("a")));
        assert_eq!(combined(both, Some("a"), Some("a")), Ok(Some("a")));
        assert_eq!(combined(both, Some("a"), Some("b")), Err(AddressFault::new("Forwarded", "contradicts")));
    }

    #[test]
    fn only_the_family_that_is_named_is_read() {
        for (fields, value) in [(ForwardedFields::Rfc7239, "a"), (ForwardedFields::XForwarded, "b")] {
            assert_eq!(combined(fields, Some("a"), Some("b")), Ok(Some(value)), "{fields:?}");
        }
        let malformed = || Err(AddressFault::new("Forwarded", "is malformed"));
        let well_formed = || Ok(Some("a"));
        let read = |fields: ForwardedFields| fields.combine(malformed, well_formed, |_, _| true, "");
        assert_eq!(read(ForwardedFields::XForwarded), Ok(Some("a")));
        assert!(read(ForwardedFields::Rfc7239).is_err() && read(ForwardedFields::Both).is_err());
    }

    #[test]
    fn what_is_no_host_is_no_account() {
        for host in ["a/b", "a?", "a#", "u@a", "a,b", "a b", "a:0", "[::1", "_hidden:x"] {
            assert!(checked(Some(host.into()), "Forwarded").is_err(), "{host}");
        }
        assert_eq!(checked(Some("a.example:443".into()), "Forwarded"), Ok(Some("a.example:443".into())));
    }

    #[test]
    fn the_scheme_is_that_of_http() {
        for (name, scheme) in [("http", "http"), ("HTTPS", "https"), ("ws", "http"), ("wss", "https")] {
            assert_eq!(Scheme::read(name).map(Scheme::as_str), Some(scheme));
        }
        for name in ["", "ftp", "https ", "http:"] {
            assert_eq!(Scheme::read(name), None, "{name}");
        }
    }
}
