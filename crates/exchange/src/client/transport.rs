//! The HTTP client, within the limits of the key fetch.

use claviger_core::HttpFetch;
use claviger_core::KeySettings;
use claviger_core::error::Problems;
use secrecy::SecretString;

/// A client that shows `identity` in the handshake, if there is one, and trusts `roots` beside the platform's.
pub(super) fn http(
    settings: &KeySettings,
    identity: Option<&SecretString>,
    roots: Option<&[u8]>,
    problems: &mut Problems,
) -> Option<HttpFetch> {
    // A token endpoint is asked often, and mostly by POST.
    let anonymous = || HttpFetch::with_connection_reuse(settings, roots).map_err(|error| error.to_string());
    let (path, built) = match identity {
        None => (if roots.is_some() { "root_certificates" } else { "http" }, anonymous()),
        Some(identity) => ("client_certificate", tls::identified(settings, identity, roots)),
    };
    built.map_err(|message| problems.add(path, message)).ok()
}

#[cfg(any(feature = "rustls", feature = "native-tls"))]
mod tls {
    use claviger_core::HttpFetch;
    use claviger_core::KeySettings;
    use reqwest::Certificate;
    use reqwest::Client;
    use reqwest::Identity;
    use reqwest::redirect::Policy;
    use secrecy::ExposeSecret;
    use secrecy::SecretString;

    pub(super) fn identified(
        settings: &KeySettings,
        pem: &SecretString,
        roots: Option<&[u8]>,
    ) -> Result<HttpFetch, String> {
        // What TLS libraries say of a key could have parts of it.
        let wrong = |_| "must hold a certificate and its private key (PKCS #8), in PEM".to_owned();
        let mut client = Client::builder()
            .redirect(Policy::none())
            .timeout(settings.timeout)
            .connect_timeout(settings.connect_timeout)
            .user_agent(concat!("claviger/", env!("CARGO_PKG_VERSION")))
            // A request that is given up then closes its connection, where HTTP/2 would use it again.
            .http1_only()
            .identity(identity(pem.expose_secret().as_bytes()).map_err(wrong)?);
        if let Some(roots) = roots {
            let certificates = Certificate::from_pem_bundle(roots).map_err(|error| error.to_string())?;
            client = client.tls_certs_merge(certificates);
        }
        client.build().map(|client| HttpFetch::from_client(client, settings)).map_err(wrong)
    }

    #[cfg(feature = "rustls")]
    fn identity(pem: &[u8]) -> reqwest::Result<Identity> {
        Identity::from_pem(pem)
    }

    /// The platform's library wants the key to be the first thing in its text.
    #[cfg(not(feature = "rustls"))]
    fn identity(pem: &[u8]) -> reqwest::Result<Identity> {
        let begin = b"-----BEGIN PRIVATE KEY-----";
        let key = pem.windows(begin.len()).position(|window| window == begin).unwrap_or_default();
        Identity::from_pkcs8_pem(pem, pem.get(key..).unwrap_or_default())
    }
}

#[cfg(not(any(feature = "rustls", feature = "native-tls")))]
mod tls {
    use claviger_core::HttpFetch;
    use claviger_core::KeySettings;
    use secrecy::SecretString;

    pub(super) fn identified(_: &KeySettings, _: &SecretString, _: Option<&[u8]>) -> Result<HttpFetch, String> {
        Err(NO_TLS.to_owned())
    }

    const NO_TLS: &str = "there is no TLS without the feature `rustls` or `native-tls`";
}
