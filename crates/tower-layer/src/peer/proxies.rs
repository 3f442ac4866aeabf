//! The proxies whose word counts.

use std::net::IpAddr;
use std::net::Ipv6Addr;
use std::sync::Once;

use http::Request;
use ipnet::IpNet;
use ipnet::Ipv4Net;

use crate::peer::address;
use crate::peer::forwarded_fields::ForwardedFields;

/// Which connections come from the proxies in front of this API, and which of their fields are read. By default no
/// connection does.
#[derive(Debug)]
pub(crate) struct TrustedProxies {
    networks: Box<[IpNet]>,
    unix_sockets: UnixSockets,
    fields: ForwardedFields,
    /// That nobody says where requests come from.
    told: Once,
}

/// Whether peers without an address are trusted proxies.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum UnixSockets {
    #[default]
    Untrusted,
    Trusted,
}

impl TrustedProxies {
    pub(crate) fn new(networks: Vec<IpNet>, unix_sockets: UnixSockets, fields: ForwardedFields) -> Self {
        Self { networks: networks.into(), unix_sockets, fields, told: Once::new() }
    }

    /// Whether nobody's word counts.
    #[cfg(feature = "axum")]
    pub(crate) fn are_none(&self) -> bool {
        self.networks.is_empty() && self.unix_sockets == UnixSockets::Untrusted
    }

    #[cfg(test)]
    pub(super) fn of_networks(networks: Vec<IpNet>) -> Self {
        Self::new(networks, UnixSockets::default(), ForwardedFields::default())
    }

    pub(super) fn fields(&self) -> ForwardedFields {
        self.fields
    }

    /// Whether the connection of this request comes from one of them. Where nobody knows where it comes from, that is what
    /// was configured for Unix sockets.
    pub(crate) fn have_sent<B>(&self, request: &Request<B>) -> bool {
        if self.networks.is_empty() && self.unix_sockets == UnixSockets::Untrusted {
            return false;
        }
        match address::of(request) {
            Some(peer) => self.hold(peer),
            None if self.unix_sockets == UnixSockets::Trusted => true,
            None => {
                self.told.call_once(|| tracing::warn!("{UNKNOWN}"));
                false
            }
        }
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
                       `ConnectInfo<SocketAddr>`; for proxies that connect by a Unix socket, set `trusted_unix_sockets`";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::PeerAddress;

    fn proxies(texts: &[&str]) -> TrustedProxies {
        TrustedProxies::of_networks(texts.iter().map(|text| network(text).unwrap()).collect())
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
    fn a_peer_without_an_address_is_trusted_only_where_unix_sockets_are() {
        let networks = || vec![network("10.0.0.0/8").unwrap()];
        let asked = |peer: Option<&str>| {
            let mut request = Request::new(());
            if let Some(peer) = peer {
                request.extensions_mut().insert(PeerAddress(peer.parse().unwrap()));
            }
            request
        };
        for (networks, unix_sockets, trusted) in [
            (vec![], UnixSockets::Untrusted, [false, false, false]),
            (networks(), UnixSockets::Untrusted, [false, true, false]),
            (vec![], UnixSockets::Trusted, [true, false, false]),
            (networks(), UnixSockets::Trusted, [true, true, false]),
        ] {
            let proxies = TrustedProxies::new(networks, unix_sockets, ForwardedFields::default());
            let sent = [None, Some("10.0.0.1"), Some("192.0.2.1")].map(|peer| proxies.have_sent(&asked(peer)));
            assert_eq!(sent, trusted, "{proxies:?}");
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
