//! Which schemes a request can use: those of the mode, and DPoP only where a proof can be for the request.

use claviger_core::DpopMode;
use claviger_core::TokenScheme;
use http::HeaderValue;
use http::Request;
use http::header::HOST;
#[cfg(feature = "axum")]
use http::request::Parts;

use crate::client_uri::uri_of_client;
use crate::config::Settings;

impl Settings {
    /// Whether tokens are read from this scheme of `request`. DPoP without an address of ours counts as disabled off
    /// loopback; where the host cannot be read, the request is refused for that, so the scheme is read here.
    pub(crate) fn accepts<B>(&self, scheme: TokenScheme, request: &Request<B>) -> bool {
        let is_served = || self.address.is_known() || !matches!(self.address.target(request, &self.proxies), Ok(None));
        self.dpop.mode.accepts(scheme) && (scheme == TokenScheme::Bearer || is_served())
    }

    /// Whether a proof beside a bearer token counts, rather than being ignored.
    pub(crate) fn counts_proofs<B>(&self, request: &Request<B>) -> bool {
        let is_served = || request.headers().contains_key("dpop") && self.is_loopback(request);
        self.address.is_known() || is_served()
    }

    /// Returns the mode as far as it can be served to `request`.
    pub(crate) fn served_mode<B>(&self, request: &Request<B>) -> DpopMode {
        if self.has_one_mode() || self.is_loopback(request) { self.dpop.mode } else { DpopMode::Disabled }
    }

    /// As [`served_mode`](Self::served_mode), where an extractor asks.
    #[cfg(feature = "axum")]
    pub(crate) fn served_mode_of_parts(&self, parts: &Parts) -> DpopMode {
        // Copying the parts is dear, and most hosts do not even resemble a loopback host.
        let resembles = parts.headers.get(HOST).is_some_and(|host| resembles_loopback(host.as_bytes()));
        let may_be_loopback = resembles || parts.uri.host().is_some() || !self.proxies.are_none();
        if self.has_one_mode() || !may_be_loopback {
            return self.known_mode();
        }
        self.served_mode(&Request::from_parts(parts.clone(), ()))
    }

    /// Returns the mode as far as it can be served to any request.
    pub(crate) fn known_mode(&self) -> DpopMode {
        if self.has_one_mode() { self.dpop.mode } else { DpopMode::Disabled }
    }

    /// Whether the mode is the same for every request.
    fn has_one_mode(&self) -> bool {
        self.address.is_known() || !self.dpop.mode.accepts(TokenScheme::Dpop)
    }

    /// Most hosts are none that a parser has to be asked about.
    fn is_loopback<B>(&self, request: &Request<B>) -> bool {
        let field = request.headers().get(HOST).map(HeaderValue::as_bytes);
        let in_uri = uri_of_client(request).host().map(str::as_bytes);
        let resembles_loopback = [field, in_uri].into_iter().flatten().any(resembles_loopback);
        (resembles_loopback || self.proxies.have_sent(request))
            && matches!(self.address.target(request, &self.proxies), Ok(Some(_)))
    }
}

fn resembles_loopback(host: &[u8]) -> bool {
    let begins = |prefix: &&[u8]| host.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    [&b"localhost"[..], b"127.", b"["].iter().any(begins)
}
