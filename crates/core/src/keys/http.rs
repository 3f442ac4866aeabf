//! `Fetch` over HTTP.

use std::error::Error;
use std::iter;
use std::sync::Arc;

use bytes::Bytes;
use bytes::BytesMut;
use http::Request;
use http::Response;
#[cfg(any(feature = "rustls", feature = "native-tls"))]
use reqwest::Certificate;
use reqwest::Client;
use reqwest::ClientBuilder;
use reqwest::dns::Resolve;
use reqwest::redirect::Policy;
use url::Url;

use crate::issuer::is_loopback;
use crate::keys::Fetch;
use crate::keys::FetchError;
use crate::keys::FetchFuture;
use crate::keys::KeySettings;
use crate::keys::public_address;
use crate::keys::public_resolver::NotPublic;
use crate::keys::public_resolver::PublicResolver;
use crate::keys::public_resolver::SystemResolver;

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
    reach: Reach,
    max_bytes: usize,
}

/// Which addresses are connected to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Reach {
    Any,
    Public,
}

impl HttpFetch {
    /// A client with the deadlines and the size limit of `settings`.
    ///
    /// # Errors
    ///
    /// [`FetchError::Transport`] if TLS cannot be set up.
    pub fn new(settings: &KeySettings) -> Result<Self, FetchError> {
        Self::with_options(settings, None, Reach::Any)
    }

    /// The same, with further root certificates in PEM beside those of the platform.
    ///
    /// # Errors
    ///
    /// [`FetchError::Transport`] if `pem` holds no certificate, or TLS cannot be set up.
    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    pub fn with_root_certificates(settings: &KeySettings, pem: &[u8]) -> Result<Self, FetchError> {
        Self::with_options(settings, Some(pem), Reach::Any)
    }

    /// One that connects to public addresses alone, over https and through no proxy: for addresses that somebody else
    /// than the operator has chosen. It is what issuers [found at run time](crate::Issuer::found_at_run_time) get; as
    /// the [`Fetch`] of a verifier it is for all issuers.
    ///
    /// The address that is connected to is judged, not one that a name had before. Refused are the private, shared,
    /// loopback, link-local, documentation, multicast and reserved ones of the registries for special purposes (RFC
    /// 6890), and those of IPv6 that carry one of IPv4 (mapped, NAT64, 6to4, Teredo). Of a name with addresses of both
    /// kinds the public ones are used. A network that gives private hosts public addresses, or translates to them under a
    /// prefix of its own (RFC 6052), must guard them itself.
    ///
    /// ```
    /// use claviger_core::Fetch;
    /// use claviger_core::FetchError;
    /// use claviger_core::HttpFetch;
    /// use claviger_core::KeySettings;
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// let fetch = HttpFetch::to_public_addresses(&KeySettings::default())?;
    /// assert!(fetch.keeps_to_public_addresses());
    /// let metadata_of_a_cloud = http::Request::get("https://169.254.169.254/").body(()).unwrap();
    /// assert!(matches!(fetch.fetch(metadata_of_a_cloud).await, Err(FetchError::NotPublic(_))));
    /// # Ok::<(), FetchError>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// [`FetchError::Transport`] if TLS cannot be set up.
    pub fn to_public_addresses(settings: &KeySettings) -> Result<Self, FetchError> {
        Self::with_options(settings, None, Reach::Public)
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
        Self { direct: client.clone(), client, reach: Reach::Any, max_bytes: settings.max_bytes }
    }

    /// `roots` are further root certificates in PEM.
    pub(crate) fn with_options(settings: &KeySettings, roots: Option<&[u8]>, reach: Reach) -> Result<Self, FetchError> {
        Self::resolving_by(Arc::new(SystemResolver), settings, roots, reach)
    }

    /// The resolver is asked only where its answers are judged.
    fn resolving_by(
        resolver: Arc<dyn Resolve>,
        settings: &KeySettings,
        roots: Option<&[u8]>,
        reach: Reach,
    ) -> Result<Self, FetchError> {
        let trusting = |client: ClientBuilder| match roots {
            Some(pem) => trusting(client, pem),
            None => Ok(client),
        };
        let limited = |client: ClientBuilder| {
            trusting(client)?
                .redirect(Policy::none())
                .timeout(settings.timeout)
                .connect_timeout(settings.connect_timeout)
                .user_agent(concat!("claviger/", env!("CARGO_PKG_VERSION")))
                .build()
                .map_err(|error| FetchError::Transport(described(&error)))
        };
        let direct = || Client::builder().no_proxy();
        let (client, direct) = match reach {
            Reach::Any => (limited(Client::builder())?, limited(direct())?),
            // A proxy would choose the address itself.
            Reach::Public => {
                let judging: Arc<dyn Resolve> = Arc::new(PublicResolver::new(resolver));
                let client = limited(direct().https_only(true).dns_resolver(judging))?;
                (client.clone(), client)
            }
        };
        Ok(Self { client, direct, reach, max_bytes: settings.max_bytes })
    }

    /// Sends any request and reads its answer within the same limits, whatever the status.
    ///
    /// # Errors
    ///
    /// Why no answer came: [`FetchError`].
    pub async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, FetchError> {
        let (parts, content) = request.into_parts();
        let url = Url::parse(&parts.uri.to_string()).map_err(|error| FetchError::Transport(error.to_string()))?;
        // An address that stands in the URL itself is connected to without asking the resolver.
        if self.reach == Reach::Public && !public_address::may_be_public(&url) {
            return Err(FetchError::NotPublic(url.host_str().unwrap_or_default().to_owned()));
        }
        let client = if is_loopback(&url) { &self.direct } else { &self.client };
        let sent = client.request(parts.method, url.clone()).headers(parts.headers).body(content).send().await;
        let mut answer = sent.map_err(|error| transport(&error))?;
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
        Box::pin(self.send(request.map(|()| Bytes::new())))
    }

    fn keeps_to_public_addresses(&self) -> bool {
        self.reach == Reach::Public
    }
}

#[cfg(any(feature = "rustls", feature = "native-tls"))]
fn trusting(client: ClientBuilder, pem: &[u8]) -> Result<ClientBuilder, FetchError> {
    let certificates = Certificate::from_pem_bundle(pem).map_err(|error| transport(&error))?;
    if certificates.is_empty() {
        return Err(FetchError::Transport("there is no certificate in PEM".to_owned()));
    }
    Ok(client.tls_certs_merge(certificates))
}

#[cfg(not(any(feature = "rustls", feature = "native-tls")))]
fn trusting(_: ClientBuilder, _: &[u8]) -> Result<ClientBuilder, FetchError> {
    Err(FetchError::Transport("there is no TLS without the feature `rustls` or `native-tls`".to_owned()))
}

fn transport(error: &reqwest::Error) -> FetchError {
    if let Some(refused) = causes(error).find_map(|cause| cause.downcast_ref::<NotPublic>()) {
        return FetchError::NotPublic(refused.to_string());
    }
    if error.is_timeout() { FetchError::Deadline } else { FetchError::Transport(described(error)) }
}

/// reqwest says what it did, its sources say what went wrong.
fn described(error: &reqwest::Error) -> String {
    causes(error).fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    iter::successors(error.source(), |&cause| cause.source())
}

#[cfg(test)]
mod tests;
