//! Where the certificates of clients are told: `[certificate]`.

use claviger_core::error::Problems;
use http::HeaderName;

use crate::config::AuthConfigBuilder;
use crate::config::section::Section;
use crate::peer::CertificateElement;
use crate::peer::CertificateField;
use crate::peer::CertificateFormat;

/// Where the certificates of clients are told, for tokens that are bound to one (RFC 8705).
///
/// What accepts the TLS connections of this process leaves a [`ClientCertificate`](crate::ClientCertificate) in the
/// extensions of each request, and nothing has to be said here, though to say it lets the
/// [`metadata`](crate::metadata) tell clients. Where a proxy does, it writes the certificate into a field.
///
/// # Which proxy writes what
///
/// | Proxy | Its configuration | `header` | `format` | `element` |
/// |---|---|---|---|---|
/// | nginx | `proxy_set_header X-Client-Cert $ssl_client_escaped_cert;` | `x-client-cert` | `pem` | `only` |
/// | HAProxy | `http-request set-header Client-Cert :%[ssl_c_der,base64]: if { ssl_c_used }` | `client-cert` | `rfc9440` | `only` |
/// | HAProxy | `http-request set-header X-Client-Cert %[ssl_c_der,base64]` | `x-client-cert` | `der` | `only` |
/// | HAProxy | `http-request set-header X-Client-SHA256 %[ssl_c_der,sha2(256),hex]` | `x-client-sha256` | `sha256` | `only` |
/// | Apache | `RequestHeader set X-Client-Cert "%{SSL_CLIENT_CERT}s"` | `x-client-cert` | `pem` | `only` |
/// | Caddy | `header_up X-Client-Cert {http.request.tls.client.certificate_der_base64}` | `x-client-cert` | `der` | `only` |
/// | Caddy | `header_up X-Client-SHA256 {http.request.tls.client.fingerprint}` | `x-client-sha256` | `sha256` | `only` |
/// | Traefik | `passTLSClientCert: { pem: true }` | `x-forwarded-tls-client-cert` | `der` | `first` |
/// | Envoy | `forward_client_cert_details: SANITIZE_SET` | `x-forwarded-client-cert` | `xfcc` | `only` |
/// | Envoy and a sidecar | `SANITIZE_SET` at the edge, `APPEND_FORWARD` behind | `x-forwarded-client-cert` | `xfcc` | `first` |
///
/// The proxy must overwrite the field, also for clients without a certificate: no proxy strips a field that it does not
/// own, and one that passes on what its clients send lends them any certificate. The page
/// [`proxies`](crate::proxies) has a whole configuration for each.
///
/// # Defaults
///
/// No field. The format goes by the name of the field, see [`CertificateFormat`]; the field has one element.
///
/// ```
/// use claviger::AuthConfig;
/// use claviger::CertificateElement;
/// use claviger::CertificateFormat;
/// use claviger::CertificateSettings;
/// use claviger::Issuer;
///
/// let traefik = CertificateSettings::new()
///     .with_header("x-forwarded-tls-client-cert")
///     .with_format(CertificateFormat::Der)
///     .with_element(CertificateElement::First);
/// let cfg = AuthConfig::builder(Issuer::new("https://tenant.example.com/", "https://api.example.com"))
///     .with_trusted_proxies(["10.0.0.0/8"])
///     .with_certificate(traefik)
///     .build();
/// assert!(cfg.is_ok());
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct CertificateSettings {
    header: Option<String>,
    format: Option<CertificateFormat>,
    element: Option<CertificateElement>,
}

impl CertificateSettings {
    /// By default.
    pub fn new() -> Self {
        Self::default()
    }

    /// The field in which the [trusted proxies](AuthConfigBuilder::with_trusted_proxies) write the certificate of their
    /// client. From any other peer it is not read, and from a trusted proxy nothing else is: the certificate of that
    /// connection is the proxy's own.
    ///
    /// An empty value, or `(null)`, is no certificate, and neither is a field on two lines or one of which any element is
    /// malformed: tokens that are bound to a certificate are refused then.
    pub fn with_header(mut self, name: impl Into<String>) -> Self {
        self.header = Some(name.into());
        self
    }

    /// How the field is written; unless set, by its name: see [`CertificateFormat`].
    pub fn with_format(mut self, format: CertificateFormat) -> Self {
        self.format = Some(format);
        self
    }

    /// Which element of the field is the client's; unless set, there must be only one. See [`CertificateElement`].
    pub fn with_element(mut self, element: CertificateElement) -> Self {
        self.element = Some(element);
        self
    }

    pub(super) fn check(&self, has_proxies: bool, problems: &mut Problems) -> Option<CertificateField> {
        let Some(name) = &self.header else {
            if self.format.is_some() || self.element.is_some() {
                problems.add("certificate.header", "must name the field that `format` and `element` are about");
            }
            return None;
        };
        if !has_proxies {
            let message = "needs `trusted_proxies` or `trusted_unix_sockets`: from anybody else it does not count";
            problems.add("certificate.header", message);
        }
        let name = name.parse::<HeaderName>().map_err(|_| problems.add("certificate.header", "must name a field"));
        name.map(|name| CertificateField::new(name, self.format, self.element.unwrap_or_default())).ok()
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
    let mut settings = CertificateSettings::new();
    if let Some(name) = table.text("header") {
        settings = settings.with_header(name);
    }
    if let Some(format) = table.name("format") {
        settings = settings.with_format(format);
    }
    if let Some(element) = table.name("element") {
        settings = settings.with_element(element);
    }
    table.close();
    settings
}
