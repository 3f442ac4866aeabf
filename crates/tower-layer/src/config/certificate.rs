//! Where the certificates of clients are told: `[certificate]`.

use claviger_core::error::Problems;
use http::HeaderName;

use crate::config::AuthConfigBuilder;
use crate::config::section::Section;
use crate::peer::CertificateField;

/// Where the certificates of clients are told, for tokens that are bound to one (RFC 8705).
///
/// What accepts the TLS connections of this process leaves a [`ClientCertificate`](crate::ClientCertificate) in the
/// extensions of each request, and nothing has to be said here, though to say it lets the
/// [`metadata`](crate::metadata) tell clients. Where a proxy does, it tells the certificate in a field.
///
/// # Defaults
///
/// No field.
///
/// ```
/// use claviger::AuthConfig;
/// use claviger::CertificateSettings;
/// use claviger::Issuer;
///
/// let cfg = AuthConfig::builder(Issuer::new("https://tenant.example.com/", "https://api.example.com"))
///     .with_trusted_proxies(["10.0.0.0/8"])
///     .with_certificate(CertificateSettings::new().with_header("x-forwarded-client-cert"))
///     .build()?;
/// # let _ = cfg;
/// # Ok::<(), claviger::error::ConfigError>(())
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct CertificateSettings {
    header: Option<String>,
}

impl CertificateSettings {
    /// By default.
    pub fn new() -> Self {
        Self::default()
    }

    /// The field in which the [trusted proxies](AuthConfigBuilder::with_trusted_proxies) tell the certificate of their
    /// client. `x-forwarded-client-cert` is read as Envoy writes it, with `Hash` or `Cert`; in a field of any other name
    /// stands one certificate in percent-encoded PEM, as nginx's `$ssl_client_escaped_cert` is. There must be one field
    /// with one element. From anybody else it is not read, and from a trusted proxy nothing else is: the certificate of
    /// that connection is the proxy's own.
    ///
    /// The proxy must drop what its clients send there, as Envoy does by `SANITIZE_SET` and nginx by `proxy_set_header`.
    /// One that adds its own element to theirs is told from that as a rule, by there being two; one that hands theirs on
    /// lends them any certificate.
    pub fn with_header(mut self, name: impl Into<String>) -> Self {
        self.header = Some(name.into());
        self
    }

    pub(super) fn check(&self, has_proxies: bool, problems: &mut Problems) -> Option<CertificateField> {
        let name = self.header.as_ref()?;
        if !has_proxies {
            problems.add("certificate.header", "needs `trusted_proxies`: from anybody else it does not count");
        }
        let name = name.parse::<HeaderName>().map_err(|_| problems.add("certificate.header", "must name a field"));
        name.map(CertificateField::new).ok()
    }
}

impl AuthConfigBuilder {
    /// Where the certificates of clients are told. See [`CertificateSettings`].
    pub fn with_certificate(mut self, certificate: CertificateSettings) -> Self {
        self.certificate = Some(certificate);
        self
    }
}

pub(super) fn read(mut table: Section) -> CertificateSettings {
    let settings = match table.text("header") {
        Some(name) => CertificateSettings::new().with_header(name),
        None => CertificateSettings::new(),
    };
    table.close();
    settings
}
