//! `X-Forwarded-For`, `X-Forwarded-Host` and `X-Forwarded-Proto`: no standard, and what most proxies send.
//!
//! `X-Forwarded-Prefix` is not read. Most proxies hand on what a client sends there, and it would move a proof from one
//! path to another; a prefix that is taken off belongs to `public_url`.

use std::net::IpAddr;

use http::HeaderMap;
use http::HeaderName;

use crate::peer::TrustedProxies;
use crate::peer::forwarded::InvalidForwarded;
use crate::peer::forwarded::Scheme;
use crate::peer::forwarded::Told;
use crate::peer::forwarded::standard::address;
use crate::peer::forwarded::values;

/// # Errors
///
/// [`InvalidForwarded`] where it cannot be told which value is of which proxy, or the scheme is none of HTTP.
pub(super) fn told<'a>(headers: &'a HeaderMap, proxies: &TrustedProxies) -> Result<Told<'a>, InvalidForwarded> {
    let hops = Hops::of(&list(headers, &FOR)?, proxies);
    let host = hops.value(&list(headers, &HOST)?)?;
    let scheme = hops.value(&list(headers, &PROTO)?)?.map(str::parse::<Scheme>).transpose()?;
    Ok(Told { host: host.map(Into::into), scheme })
}

/// The way of a request from its client to us.
struct Hops {
    count: usize,
    /// Which of them the client made, to the outermost proxy that is trusted.
    client: usize,
}

impl Hops {
    fn of(addresses: &[&str], proxies: &TrustedProxies) -> Self {
        let is_proxy = |text: &&str| client(text).is_some_and(|address| proxies.hold(address));
        let client = addresses.iter().rposition(|text| !is_proxy(text)).unwrap_or_default();
        Self { count: addresses.len(), client }
    }

    /// Of what each hop has added, what the client's hop has; one value alone is whose it may be.
    fn value<'a>(&self, values: &[&'a str]) -> Result<Option<&'a str>, InvalidForwarded> {
        match values {
            [] => Ok(None),
            [one] => Ok(Some(one)),
            many if many.len() == self.count => Ok(many.get(self.client).copied()),
            _ => Err(InvalidForwarded),
        }
    }
}

/// Some proxies add the port, some put IPv6 into brackets.
fn client(text: &str) -> Option<IpAddr> {
    text.parse().ok().or_else(|| address(text))
}

/// The elements of a field, of which empty ones are none (RFC 9110, section 5.6.1).
fn list<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Vec<&'a str>, InvalidForwarded> {
    let mut elements = Vec::new();
    for value in values(headers, name) {
        elements.extend(value?.split(',').map(str::trim).filter(|element| !element.is_empty()));
    }
    Ok(elements)
}

const FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::network;

    fn ask(
        addresses: &str,
        hosts: &str,
        schemes: &str,
    ) -> Result<(Option<String>, Option<&'static str>), InvalidForwarded> {
        let proxies = TrustedProxies::new(vec![network("10.0.0.0/8").unwrap(), network("fd00::/8").unwrap()]);
        let fields = [(FOR, addresses), (HOST, hosts), (PROTO, schemes)];
        let headers: HeaderMap = fields.into_iter().map(|(name, value)| (name, value.parse().unwrap())).collect();
        told(&headers, &proxies).map(|told| (told.host.map(Into::into), told.scheme.map(Scheme::as_str)))
    }

    #[test]
    fn the_word_of_the_outermost_trusted_proxy_counts() {
        for (addresses, hosts, schemes) in [
            ("192.0.2.1", "a.example", "https"),
            ("", "a.example", "https"),
            ("192.0.2.1, 10.0.0.1", "a.example", "https"),
            ("192.0.2.1, 10.0.0.1", "a.example, inner", "https,http"),
            ("10.0.0.9, 192.0.2.1, 10.0.0.1", "evil, a.example, inner", "http, https, http"),
            ("192.0.2.9, 192.0.2.1, 10.0.0.1", "evil, a.example, inner", "http, https, http"),
            ("10.0.0.9, unknown", "evil, a.example", "https"),
            ("10.0.0.9, 10.0.0.1", "a.example, inner", "https"),
            ("10.0.0.9, 2001:db8::1, fd00::1", "evil, a.example, inner", "https"),
            ("10.0.0.9, 192.0.2.1:80, 10.0.0.1:443, [fd00::1]:443", "evil, a.example, b, c", "https"),
        ] {
            let expected = Ok((Some("a.example".to_owned()), Some("https")));
            assert_eq!(ask(addresses, hosts, schemes), expected, "{addresses}; {hosts}; {schemes}");
        }
        assert_eq!(ask("192.0.2.1", "", ""), Ok((None, None)));
        assert_eq!(ask("192.0.2.1", "", "wss"), Ok((None, Some("https"))));
    }

    #[test]
    fn what_cannot_be_told_apart_is_refused() {
        for (addresses, hosts, schemes) in [
            ("", "a.example, b.example", ""),
            ("192.0.2.1", "a.example, b.example", ""),
            ("192.0.2.1, 10.0.0.1, 10.0.0.2", "a.example, b.example", ""),
            ("192.0.2.1", "", "https, http"),
            ("192.0.2.1", "", "ftp"),
        ] {
            assert_eq!(ask(addresses, hosts, schemes), Err(InvalidForwarded), "{addresses}; {hosts}; {schemes}");
        }
    }
}
