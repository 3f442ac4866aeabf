//! The proxies that are trusted, and what of theirs is read: `trusted_proxies`, `trusted_unix_sockets`, `forwarded`.

use claviger_core::error::Problems;

use crate::config::AuthConfigBuilder;
use crate::config::section::Section;
use crate::peer::ForwardedFields;
use crate::peer::TrustedProxies;
use crate::peer::UnixSockets;
use crate::peer::network;

/// As they are configured.
#[derive(Clone, Debug, Default)]
pub(super) struct ProxyOptions {
    networks: Vec<String>,
    unix_sockets: UnixSockets,
    fields: ForwardedFields,
}

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
        self.proxies.networks = proxies.into_iter().map(Into::into).collect();
        self
    }

    /// Trusts peers without an address as [`with_trusted_proxies`](Self::with_trusted_proxies) trusts those of a network:
    /// for a proxy that connects by a Unix socket. By default they are not trusted.
    ///
    /// Every request without a [`PeerAddress`](crate::PeerAddress) or axum's `ConnectInfo<SocketAddr>` counts as one of
    /// such a peer, so this is only for servers that listen on Unix sockets alone, or that know the address of each other
    /// peer. Whoever may open the socket is trusted: its permissions decide.
    ///
    /// ```
    /// use claviger::AuthConfig;
    /// use claviger::CertificateSettings;
    /// use claviger::Issuer;
    ///
    /// let cfg = AuthConfig::builder(Issuer::new("https://tenant.example.com/", "https://api.example.com"))
    ///     .with_public_url("https://api.example.com")
    ///     .trust_unix_sockets()
    ///     .with_certificate(CertificateSettings::new().with_header("x-ssl-client-cert"))
    ///     .build();
    /// assert!(cfg.is_ok(), "a field needs a peer that is trusted");
    /// ```
    pub fn trust_unix_sockets(mut self) -> Self {
        self.proxies.unix_sockets = UnixSockets::Trusted;
        self
    }

    /// Which fields of the trusted proxies count. See [`ForwardedFields`]; both families unless set.
    ///
    /// They are read only without [`with_public_url`](Self::with_public_url) and
    /// [`with_resource`](Self::with_resource), which say the address themselves.
    ///
    /// ```
    /// use claviger::AuthConfig;
    /// use claviger::ForwardedFields;
    /// use claviger::Issuer;
    ///
    /// let cfg = AuthConfig::builder(Issuer::new("https://tenant.example.com/", "https://api.example.com"))
    ///     .with_hosts(["api.example.com"])
    ///     .with_trusted_proxies(["10.0.0.0/8"])
    ///     .with_forwarded(ForwardedFields::XForwarded)
    ///     .build();
    /// assert!(cfg.is_ok());
    /// ```
    pub fn with_forwarded(mut self, fields: ForwardedFields) -> Self {
        self.proxies.fields = fields;
        self
    }
}

pub(super) fn read(root: &mut Section, mut builder: AuthConfigBuilder) -> AuthConfigBuilder {
    if let Some(proxies) = root.some_texts("trusted_proxies") {
        builder = builder.with_trusted_proxies(proxies);
    }
    if root.flag("trusted_unix_sockets") == Some(true) {
        builder = builder.trust_unix_sockets();
    }
    if let Some(fields) = root.name("forwarded") {
        builder = builder.with_forwarded(fields);
    }
    builder
}

impl ProxyOptions {
    /// Whether anybody is trusted, as far as that is configured.
    pub(super) fn are_given(&self) -> bool {
        !self.networks.is_empty() || self.unix_sockets == UnixSockets::Trusted
    }

    /// Checks all that can be wrong with them.
    pub(super) fn check(&self, problems: &mut Problems) -> TrustedProxies {
        let mut networks = Vec::with_capacity(self.networks.len());
        for (at, text) in self.networks.iter().enumerate() {
            match network(text) {
                Some(network) => networks.push(network),
                None => problems.add(format!("trusted_proxies[{at}]"), WRONG),
            }
        }
        TrustedProxies::new(networks, self.unix_sockets, self.fields)
    }
}

const WRONG: &str = "must be an address, or a network such as \"10.0.0.0/8\" without bits beyond its prefix";
