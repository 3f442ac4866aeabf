//! `Fetch` over HTTP.

use bytes::Bytes;
use bytes::BytesMut;
use http::Request;
use http::Response;
#[cfg(any(feature = "rustls", feature = "native-tls"))]
use reqwest::Certificate;
use reqwest::Client;
use reqwest::ClientBuilder;
use reqwest::redirect::Policy;
use url::Url;

use crate::issuer::is_loopback;
use crate::keys::Fetch;
use crate::keys::FetchError;
use crate::keys::FetchFuture;
use crate::keys::KeySettings;

/// Fetches over HTTP with reqwest: no redirects, bounded body (after decompression), bounded time. The proxies of the
/// environment are used, but never for loopback hosts.
///
/// ```
/// use claviger_core::HttpFetch;
/// use claviger_core::KeySettings;
///
/// let fetch = HttpFetch::new(&KeySettings::default())?;
/// # let _ = fetch;
/// # Ok::<(), claviger_core::FetchError>(())
/// ```
#[derive(Clone, Debug)]
pub struct HttpFetch {
    client: Client,
    /// For this machine, which no proxy may come between.
    direct: Client,
    max_bytes: usize,
}

impl HttpFetch {
    /// A client with the deadlines and the size limit of `settings`.
    ///
    /// # Errors
    ///
    /// [`FetchError::Transport`] if TLS cannot be set up.
    pub fn new(settings: &KeySettings) -> Result<Self, FetchError> {
        Self::of_builder(settings, Client::builder)
    }

    /// The same, with further root certificates in PEM beside those of the platform.
    ///
    /// # Errors
    ///
    /// [`FetchError::Transport`] if `pem` holds no certificate, or TLS cannot be set up.
    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    pub fn with_root_certificates(settings: &KeySettings, pem: &[u8]) -> Result<Self, FetchError> {
        let certificates = Certificate::from_pem_bundle(pem).map_err(|error| transport(&error))?;
        if certificates.is_empty() {
            return Err(FetchError::Transport("there is no certificate in PEM".to_owned()));
        }
        Self::of_builder(settings, || Client::builder().tls_certs_merge(certificates.clone()))
    }

    /// With a client of the application's own: its proxies, its TLS, its deadlines. It should follow no redirects; an
    /// answer that was redirected is refused. Of `settings` only the size limit counts.
    ///
    /// ```
    /// use claviger_core::HttpFetch;
    /// use claviger_core::Issuer;
    /// use claviger_core::KeySettings;
    /// use claviger_core::Verifier;
    /// use reqwest::redirect::Policy;
    ///
    /// let client = reqwest::Client::builder().no_proxy().redirect(Policy::none()).build()?;
    /// let fetch = HttpFetch::from_client(client, &KeySettings::default());
    /// let verifier = Verifier::builder(Issuer::new("https://idp.example", "api")).with_fetch(fetch).build()?;
    /// assert_eq!(verifier.status().len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn from_client(client: Client, settings: &KeySettings) -> Self {
        Self { direct: client.clone(), client, max_bytes: settings.max_bytes }
    }

    fn of_builder(settings: &KeySettings, builder: impl Fn() -> ClientBuilder) -> Result<Self, FetchError> {
        let limited = |client: ClientBuilder| {
            client
                .redirect(Policy::none())
                .timeout(settings.timeout)
                .connect_timeout(settings.connect_timeout)
                .user_agent(concat!("claviger/", env!("CARGO_PKG_VERSION")))
                .build()
                .map_err(|error| FetchError::Transport(described(&error)))
        };
        let (client, direct) = (limited(builder())?, limited(builder().no_proxy())?);
        Ok(Self { client, direct, max_bytes: settings.max_bytes })
    }

    async fn get(&self, request: Request<()>) -> Result<Response<Bytes>, FetchError> {
        let (parts, ()) = request.into_parts();
        let url = Url::parse(&parts.uri.to_string()).map_err(|error| FetchError::Transport(error.to_string()))?;
        let client = if is_loopback(&url) { &self.direct } else { &self.client };
        let mut answer =
            client.get(url.clone()).headers(parts.headers).send().await.map_err(|error| transport(&error))?;
        if *answer.url() != url {
            return Err(FetchError::Transport("the client has followed a redirect".to_owned()));
        }
        let mut response = Response::new(Bytes::new());
        *response.status_mut() = answer.status();
        *response.headers_mut() = std::mem::take(answer.headers_mut());
        let mut body = BytesMut::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| transport(&error))? {
            if body.len() + chunk.len() > self.max_bytes {
                return Err(FetchError::TooLarge { limit: self.max_bytes });
            }
            body.extend_from_slice(&chunk);
        }
        *response.body_mut() = body.freeze();
        Ok(response)
    }
}

impl Fetch for HttpFetch {
    fn fetch(&self, request: Request<()>) -> FetchFuture<'_> {
        Box::pin(self.get(request))
    }
}

fn transport(error: &reqwest::Error) -> FetchError {
    if error.is_timeout() { FetchError::Deadline } else { FetchError::Transport(described(error)) }
}

/// reqwest says what it did, its sources say what went wrong.
fn described(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
