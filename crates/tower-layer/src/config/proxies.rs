//! The proxies that are trusted: `trusted_proxies`.

use claviger_core::error::Problems;

use crate::config::AuthConfigBuilder;
use crate::config::section::Section;
use crate::peer::TrustedProxies;
use crate::peer::network;

impl AuthConfigBuilder {
    /// The proxies in front of this API: addresses, and networks such as `10.0.0.0/8`. By default none.
    ///
    /// What a request says of its way in `Forwarded` (RFC 7239) and `X-Forwarded-*` counts only if it comes from one of
    /// them, and so does the certificate of its client in a field ([`with_certificate`](Self::with_certificate)). Each of
    /// them must set those fields or add to them: what a client sends there, and a proxy hands on, is believed. No client
    /// may connect from these addresses itself. Where requests come from has to be known:
    /// [`PeerAddress`](crate::PeerAddress).
    ///
    /// ```
    /// use claviger::AuthConfig;
    /// use claviger::Issuer;
    ///
    /// let cfg = AuthConfig::builder(Issuer::new("https://tenant.example.com/", "https://api.example.com"))
    ///     .with_hosts(["api.example.com"])
    ///     .with_trusted_proxies(["10.0.0.0/8", "::1", "10.0.0.1/8"]);
    /// let error = cfg.build().unwrap_err();
    /// assert_eq!(error.problems()[0].path(), "trusted_proxies[2]");
    /// ```
    pub fn with_trusted_proxies(mut self, proxies: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.trusted_proxies = proxies.into_iter().map(Into::into).collect();
        self
    }
}

pub(super) fn read(root: &mut Section, builder: AuthConfigBuilder) -> AuthConfigBuilder {
    match root.some_texts("trusted_proxies") {
        Some(proxies) => builder.with_trusted_proxies(proxies),
        None => builder,
    }
}

/// Checks all that can be wrong with them.
pub(super) fn check(texts: &[String], problems: &mut Problems) -> TrustedProxies {
    let mut networks = Vec::with_capacity(texts.len());
    for (at, text) in texts.iter().enumerate() {
        match network(text) {
            Some(network) => networks.push(network),
            None => problems.add(format!("trusted_proxies[{at}]"), WRONG),
        }
    }
    TrustedProxies::new(networks)
}

const WRONG: &str = "must be an address, or a network such as \"10.0.0.0/8\" without bits beyond its prefix";
