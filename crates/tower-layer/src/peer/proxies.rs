//! The proxies whose word counts.

use std::net::IpAddr;
use std::net::Ipv6Addr;
use std::sync::Once;

use http::Request;
use ipnet::IpNet;
use ipnet::Ipv4Net;

use crate::peer::address;

/// The networks that the proxies in front of this API are in. By default none.
#[derive(Debug)]
pub(crate) struct TrustedProxies {
    networks: Box<[IpNet]>,
    /// That nobody says where requests come from.
    told: Once,
}

impl TrustedProxies {
    pub(crate) fn new(networks: Vec<IpNet>) -> Self {
        Self { networks: networks.into(), told: Once::new() }
    }

    /// Whether nobody's word counts.
    #[cfg(feature = "axum")]
    pub(crate) fn are_none(&self) -> bool {
        self.networks.is_empty()
    }

    /// Whether the connection of this request comes from one of them; not if nobody knows where it comes from.
    pub(crate) fn have_sent<B>(&self, request: &Request<B>) -> bool {
        if self.networks.is_empty() {
            return false;
        }
        let peer = address::of(request);
        if peer.is_none() {
            self.told.call_once(|| tracing::warn!("{UNKNOWN}"));
        }
        peer.is_some_and(|peer| self.hold(peer))
    }

    /// A socket of both families has IPv4 addresses in the form of IPv6 (RFC 4291, section 2.5.5.2).
    pub(super) fn hold(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.networks.iter().any(|network| network.contains(&address))
    }
}

/// An address, or a network without bits beyond its prefix: whoever wrote `10.1.2.3/8` may have meant one machine.
pub(crate) fn network(text: &str) -> Option<IpNet> {
    let network: IpNet = text.parse().ok().or_else(|| text.parse().ok().map(|address: IpAddr| address.into()))?;
    let network = Some(network).filter(|network| network.trunc() == *network)?;
    let in_ipv4 = |address: Ipv6Addr, prefix: u8| Ipv4Net::new(address.to_ipv4_mapped()?, prefix.checked_sub(96)?).ok();
    Some(match network {
        IpNet::V4(_) => network,
        IpNet::V6(mapped) => in_ipv4(mapped.addr(), mapped.prefix_len()).map_or(network, IpNet::V4),
    })
}

const UNKNOWN: &str = "`trusted_proxies` has no effect: requests have neither a `PeerAddress` nor axum's \
                       `ConnectInfo<SocketAddr>`";

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(texts: &[&str]) -> TrustedProxies {
        TrustedProxies::new(texts.iter().map(|text| network(text).unwrap()).collect())
    }

    #[test]
    fn addresses_and_networks_are_read_and_nothing_else() {
        for (text, read) in [
            ("10.0.0.0/8", "10.0.0.0/8"),
            ("10.1.2.3", "10.1.2.3/32"),
            ("::1", "::1/128"),
            ("fd00::/8", "fd00::/8"),
            ("0.0.0.0/0", "0.0.0.0/0"),
            ("::ffff:10.0.0.0/104", "10.0.0.0/8"),
            ("::ffff:10.1.2.3", "10.1.2.3/32"),
        ] {
            assert_eq!(network(text).map(|network| network.to_string()).as_deref(), Some(read), "{text}");
        }
        for text in [
            "",
            " ",
            "*",
            "localhost",
            "10.0.0.0/33",
            "10.0.0.0/",
            "10.0.0.1/8",
            "10.0.0.0/8 ",
            "10.0.0",
            "010.0.0.1",
            "10.0.0.1:80",
            "[::1]",
            "fd00::1/8",
            "fe80::1%eth0",
        ] {
            assert_eq!(network(text), None, "{text}");
        }
    }

    #[test]
    fn an_ipv4_address_is_one_in_either_form() {
        for texts in [&["10.0.0.0/8"][..], &["::ffff:10.0.0.0/104"]] {
            let proxies = proxies(texts);
            for address in ["10.9.8.7", "::ffff:10.9.8.7"] {
                assert!(proxies.hold(address.parse().unwrap()), "{address}");
            }
            for address in ["11.0.0.0", "::ffff:11.0.0.0", "::10.0.0.1", "::1"] {
                assert!(!proxies.hold(address.parse().unwrap()), "{address}");
            }
        }
    }
}
