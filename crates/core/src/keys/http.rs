//! `Fetch` over HTTP.

mod client;

use std::sync::Arc;

use bytes::Bytes;
use bytes::BytesMut;
use http::Request;
use http::Response;
use reqwest::Client;
use reqwest::dns::Resolve;
use url::Url;

use self::client::Clients;
use self::client::transport;
use crate::issuer::is_loopback;
use crate::keys::Fetch;
use crate::keys::FetchError;
use crate::keys::FetchFuture;
use crate::keys::KeySettings;
use crate::keys::public_address;
use crate::keys::public_resolver::SystemResolver;

pub(crate) use self::client::ClientOptions;
pub(crate) use self::client::Reach;
pub(crate) use self::client::Reuse;

/// Fetches over HTTP with reqwest: no redirects, bounded body (after decompression), bounded time.
///
/// It speaks HTTP/1.1, and each request has a connection of its own, which costs a handshake each time keys are due. A
/// connection that is kept can go deaf: its other end still acknowledges what arrives and never answers, because a load
/// balancer or an address translation on the way has forgotten it. HTTP/2 would then send each request into it, and new
/// keys would never come, although the issuer serves everybody who connects anew.
///
/// The proxies of the environment (`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`) are used, also SOCKS
/// (`socks5h://`), but never for loopback hosts.
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
    clients: Clients,
    reach: Reach,
    max_bytes: usize,
}

impl HttpFetch {
    /// A client with the deadlines and the size limit of `settings`.
    ///
    /// # Errors
    ///
    /// [`FetchError::Transport`] if TLS cannot be set up, for want of root certificates above all.
    pub fn new(settings: &KeySettings) -> Result<Self, FetchError> {
        Self::with_roots(settings, ClientOptions { roots: None, reach: Reach::Any, reuse: Reuse::Never })
    }

    /// A client that keeps idle connections for requests to come: for many requests to one server, such as a token
    /// endpoint. `roots` are further root certificates in PEM beside those of the platform.
    ///
    /// A connection on which a request got no answer in time is closed. A request that a server did not read because it
    /// was closing the connection is sent again; one that it may have read is not, for it may be a POST.
    ///
    /// # Errors
    ///
    /// [`FetchError::Transport`] if TLS cannot be set up, or `roots` hold no certificate.
    pub fn with_connection_reuse(settings: &KeySettings, roots: Option<&[u8]>) -> Result<Self, FetchError> {
        Self::with_roots(settings, ClientOptions { roots, reach: Reach::Any, reuse: Reuse::Idle })
    }

    /// The same, with further root certificates in PEM beside those of the platform.
    ///
    /// # Errors
    ///
    /// [`FetchError::Transport`] if `pem` holds no certificate, or TLS cannot be set up.
    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    pub fn with_root_certificates(settings: &KeySettings, pem: &[u8]) -> Result<Self, FetchError> {
        Self::with_roots(settings, ClientOptions { roots: Some(pem), reach: Reach::Any, reuse: Reuse::Never })
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
        Self::with_roots(settings, ClientOptions { roots: None, reach: Reach::Public, reuse: Reuse::Never })
    }

    /// With a client of the application's own: its proxies, its TLS, its deadlines. It should follow no redirects; an
    /// answer that was redirected is refused. Of `settings` only the size limit counts.
    ///
    /// What becomes of its connections is its own affair. Without `pool_max_idle_per_host(0)`, or over HTTP/2 without
    /// `http2_keep_alive_interval`, it can go on to use a connection on which nothing answers any more.
    ///
    /// ```
    /// use claviger_core::HttpFetch;
    /// use claviger_core::Issuer;
    /// use claviger_core::KeySettings;
    /// use claviger_core::Verifier;
    /// use reqwest::redirect::Policy;
    ///
    /// let client = reqwest::Client::builder().no_proxy().redirect(Policy::none()).pool_max_idle_per_host(0).build()?;
    /// let fetch = HttpFetch::from_client(client, &KeySettings::default());
    /// let verifier = Verifier::builder(Issuer::new("https://idp.example", "api")).with_fetch(fetch).build()?;
    /// assert_eq!(verifier.status().len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn from_client(client: Client, settings: &KeySettings) -> Self {
        let clients = Clients { loopback: client.clone(), remote: client, no_roots: None };
        Self { clients, reach: Reach::Any, max_bytes: settings.max_bytes }
    }

    /// Also where there are no root certificates, see [`no_roots`](Self::no_roots).
    pub(crate) fn with_options(settings: &KeySettings, options: ClientOptions<'_>) -> Result<Self, FetchError> {
        Self::resolving_by(Arc::new(SystemResolver), settings, options)
    }

    fn with_roots(settings: &KeySettings, options: ClientOptions<'_>) -> Result<Self, FetchError> {
        let fetch = Self::with_options(settings, options)?;
        fetch.no_roots().map_or(Ok(fetch), Err)
    }

    fn resolving_by(
        resolver: Arc<dyn Resolve>,
        settings: &KeySettings,
        options: ClientOptions<'_>,
    ) -> Result<Self, FetchError> {
        let clients = Clients::new(resolver, settings, options)?;
        Ok(Self { clients, reach: options.reach, max_bytes: settings.max_bytes })
    }

    /// Why nothing can be fetched over https, if so.
    pub(crate) fn no_roots(&self) -> Option<FetchError> {
        let why = self.clients.no_roots.as_deref()?;
        Some(FetchError::Transport(format!("{NO_ROOTS}: {why}")))
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
        if let Some(error) = self.no_roots().filter(|_| url.scheme() == "https") {
            return Err(error);
        }
        let Clients { remote, loopback, .. } = &self.clients;
        let client = if is_loopback(&url) { loopback } else { remote };
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

const NO_ROOTS: &str = "no https server can be trusted without root certificates (the package `ca-certificates`, or \
                        `ca_file`)";

#[cfg(test)]
mod tests;
