//! `X-Forwarded-For`, `X-Forwarded-Host` and `X-Forwarded-Proto`: no standard, and what most proxies send.
//!
//! `X-Forwarded-Prefix` is not read. Most proxies hand on what a client sends there, and it would move a proof from one
//! path to another; a prefix that is taken off belongs to `public_url`.

use std::net::IpAddr;

use http::HeaderMap;
use http::HeaderName;

use crate::field_fault::FieldFault;
use crate::peer::forwarded::standard::address;
use crate::peer::forwarded::values::values;
use crate::peer::proxies::TrustedProxies;
use crate::peer::scheme::Scheme;

/// What the client's hop has in `X-Forwarded-Host`.
///
/// # Errors
///
/// [`FieldFault`] where it cannot be told which value is of which proxy.
pub(super) fn host<'a>(headers: &'a HeaderMap, proxies: &TrustedProxies) -> Result<Option<&'a str>, FieldFault> {
    Hops::of(headers, proxies)?.value(&HOST, headers)
}

/// What the client's hop has in `X-Forwarded-Proto`.
///
/// # Errors
///
/// [`FieldFault`] where it cannot be told which value is of which proxy, or the scheme is none of HTTP.
pub(super) fn scheme(headers: &HeaderMap, proxies: &TrustedProxies) -> Result<Option<Scheme>, FieldFault> {
    let value = Hops::of(headers, proxies)?.value(&PROTO, headers)?;
    value.map(|value| Scheme::read(value).ok_or_else(|| FieldFault::new(PROTO.spelled, Scheme::WRONG))).transpose()
}

/// The way of a request from its client to us.
struct Hops {
    count: usize,
    /// Which of them the client made, to the outermost proxy that is trusted.
    client: usize,
}

impl Hops {
    fn of(headers: &HeaderMap, proxies: &TrustedProxies) -> Result<Self, FieldFault> {
        let addresses = FOR.list(headers)?;
        let is_proxy = |text: &&str| client(text).is_some_and(|address| proxies.hold(address));
        let client = addresses.iter().rposition(|text| !is_proxy(text)).unwrap_or_default();
        Ok(Self { count: addresses.len(), client })
    }

    /// Of what each hop has added, what the client's hop has; one value alone is whose it may be.
    fn value<'a>(&self, field: &Field, headers: &'a HeaderMap) -> Result<Option<&'a str>, FieldFault> {
        match field.list(headers)?.as_slice() {
            [] => Ok(None),
            [one] => Ok(Some(one)),
            many if many.len() == self.count => Ok(many.get(self.client).copied()),
            _ => Err(FieldFault::new(field.spelled, "has several values, and not one for each of `X-Forwarded-For`")),
        }
    }
}

/// Some proxies add the port, some put IPv6 into brackets.
fn client(text: &str) -> Option<IpAddr> {
    text.parse().ok().or_else(|| address(text))
}

struct Field {
    name: HeaderName,
    spelled: &'static str,
}

impl Field {
    /// Its elements, of which empty ones are none (RFC 9110, section 5.6.1).
    fn list<'a>(&self, headers: &'a HeaderMap) -> Result<Vec<&'a str>, FieldFault> {
        let mut elements = Vec::new();
        for value in values(headers, &self.name) {
            let value = value.ok_or_else(|| FieldFault::new(self.spelled, "is not text"))?;
            elements.extend(value.split(',').map(str::trim).filter(|element| !element.is_empty()));
        }
        Ok(elements)
    }
}

const FOR: Field = Field { name: HeaderName::from_static("x-forwarded-for"), spelled: "X-Forwarded-For" };
const HOST: Field = Field { name: HeaderName::from_static("x-forwarded-host"), spelled: "X-Forwarded-Host" };
const PROTO: Field = Field { name: HeaderName::from_static("x-forwarded-proto"), spelled: "X-Forwarded-Proto" };

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::network;

    fn ask(addresses: &str, hosts: &str, schemes: &str) -> Result<(Option<String>, Option<&'static str>), FieldFault> {
        let networks = vec![network("10.0.0.0/8").unwrap(), network("fd00::/8").unwrap()];
        let proxies = TrustedProxies::of_networks(networks);
        let fields = [(FOR, addresses), (HOST, hosts), (PROTO, schemes)];
        let headers: HeaderMap =
            fields.into_iter().map(|(field, value)| (field.name, value.parse().unwrap())).collect();
        let host = host(&headers, &proxies)?.map(str::to_owned);
        Ok((host, scheme(&headers, &proxies)?.map(Scheme::as_str)))
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
        for (addresses, hosts, schemes, field) in [
            ("", "a.example, b.example", "", "X-Forwarded-Host"),
            ("192.0.2.1", "a.example, b.example", "", "X-Forwarded-Host"),
            ("192.0.2.1, 10.0.0.1, 10.0.0.2", "a.example, b.example", "", "X-Forwarded-Host"),
            ("192.0.2.1", "", "https, http", "X-Forwarded-Proto"),
            ("192.0.2.1", "", "ftp", "X-Forwarded-Proto"),
        ] {
            let fault = ask(addresses, hosts, schemes).unwrap_err();
            assert_eq!(fault.field(), field, "{addresses}; {hosts}; {schemes}");
        }
    }
}
