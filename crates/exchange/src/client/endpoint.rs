//! Where tokens are exchanged.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use claviger_core::FetchError;
use claviger_core::HttpFetch;
use claviger_core::address;
use claviger_core::clock::Clock;
use claviger_core::error::Problems;
use http::Request;
use http::StatusCode;
use http::header::ACCEPT;
use serde::Deserialize;
use tokio::sync::Mutex;
use tokio::time::timeout;
use url::Url;

use crate::error::ExchangeError;

/// Where tokens are exchanged: as the issuer's metadata say, or at a given address. https, or http on loopback.
///
/// ```
/// use claviger_exchange::ClientAuthentication;
/// use claviger_exchange::Exchanger;
/// use claviger_exchange::TokenEndpoint;
///
/// let client = || ClientAuthentication::none("reports");
/// assert!(Exchanger::builder(TokenEndpoint::of_issuer("https://tenant.example.com/"), client()).build().is_ok());
/// assert!(Exchanger::builder(TokenEndpoint::at("https://tenant.example.com/token"), client()).build().is_ok());
///
/// let error = Exchanger::builder(TokenEndpoint::at("http://tenant.example.com/token"), client()).build().unwrap_err();
/// assert_eq!(error.problems()[0].path(), "token_endpoint");
/// ```
#[derive(Clone, Debug)]
pub struct TokenEndpoint(Place);

#[derive(Clone, Debug)]
enum Place {
    Issuer(String),
    Address(String),
}

impl TokenEndpoint {
    /// The `token_endpoint` of the metadata (OpenID Connect Discovery 1.0, then RFC 8414) of this issuer, which they must
    /// name exactly so. They are fetched on first use, and again after an hour.
    #[must_use]
    pub fn of_issuer(issuer: impl Into<String>) -> Self {
        Self(Place::Issuer(issuer.into()))
    }

    /// This address; no discovery.
    #[must_use]
    pub fn at(url: impl Into<String>) -> Self {
        Self(Place::Address(url.into()))
    }

    pub(super) fn check(&self, problems: &mut Problems) -> Option<Endpoint> {
        let (path, text) = match &self.0 {
            Place::Issuer(issuer) => ("issuer", issuer),
            Place::Address(address) => ("token_endpoint", address),
        };
        let Some(url) = Url::parse(text).ok().filter(is_askable) else {
            problems.add(path, "must be an https URL without user name and fragment; http for loopback hosts alone");
            return None;
        };
        Some(match &self.0 {
            Place::Issuer(issuer) => Endpoint::Discovered { issuer: issuer.clone(), url, known: Mutex::default() },
            Place::Address(_) => Endpoint::Given(Arc::new(url)),
        })
    }
}

/// Where tokens are exchanged, checked.
#[derive(Debug)]
pub(super) enum Endpoint {
    Given(Arc<Url>),
    Discovered { issuer: String, url: Url, known: Mutex<Option<Known>> },
}

#[derive(Clone, Debug)]
pub(super) struct Known {
    addresses: Addresses,
    since: Duration,
}

#[derive(Clone, Debug)]
struct Addresses {
    plain: Arc<Url>,
    /// Where clients with a certificate go (RFC 8705, section 5).
    mutual_tls: Arc<Url>,
}

/// With what a client comes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Door {
    Plain,
    MutualTls,
}

impl Endpoint {
    /// Whom an assertion is for: the issuer, or the endpoint where no issuer was named.
    pub(super) fn audience(&self) -> &str {
        match self {
            Self::Given(url) => url.as_str(),
            Self::Discovered { issuer, .. } => issuer,
        }
    }

    /// The address, fetched if it is not known or was not for long. Who comes while it is fetched first waits for that.
    pub(super) async fn url(&self, asking: &Asking<'_>, door: Door) -> Result<Arc<Url>, ExchangeError> {
        let (issuer, url, known) = match self {
            Self::Given(url) => return Ok(Arc::clone(url)),
            Self::Discovered { issuer, url, known } => (issuer, url, known),
        };
        let now = asking.clock.monotonic();
        let mut guard = known.lock().await;
        let old = match &mut *guard {
            Some(found) if now.saturating_sub(found.since) < LIFETIME => return Ok(found.addresses.behind(door)),
            Some(found) => {
                // This request looks for a newer one, the others go on with the old one.
                found.since = now;
                found.addresses.clone()
            }
            None => {
                let addresses = discover(asking.http, issuer, url).await?;
                *guard = Some(Known { addresses: addresses.clone(), since: now });
                return Ok(addresses.behind(door));
            }
        };
        drop(guard);
        // An address seldom changes, so the old one is better than none; half of the time is left for it.
        let Ok(Ok(addresses)) = timeout(asking.deadline / 2, discover(asking.http, issuer, url)).await else {
            return Ok(old.behind(door));
        };
        *known.lock().await = Some(Known { addresses: addresses.clone(), since: now });
        Ok(addresses.behind(door))
    }
}

/// With what metadata are fetched.
pub(super) struct Asking<'a> {
    pub(super) http: &'a HttpFetch,
    pub(super) clock: &'a dyn Clock,
    /// Of the whole exchange.
    pub(super) deadline: Duration,
}

impl Addresses {
    fn behind(&self, door: Door) -> Arc<Url> {
        Arc::clone(match door {
            Door::Plain => &self.plain,
            Door::MutualTls => &self.mutual_tls,
        })
    }
}

/// The inserted form of RFC 8414 is asked where the one of OpenID Connect gives nothing.
async fn discover(http: &HttpFetch, issuer: &str, url: &Url) -> Result<Addresses, ExchangeError> {
    let first = metadata(http, issuer, &address::openid_url(url)).await;
    match first {
        Err(ExchangeError::Discovery(_)) => metadata(http, issuer, &address::oauth_url(url)).await.or(first),
        decided => decided,
    }
}

async fn metadata(http: &HttpFetch, issuer: &str, url: &Url) -> Result<Addresses, ExchangeError> {
    let fault = |message: &str| ExchangeError::Discovery(format!("{url}: {message}"));
    let request = Request::get(url.as_str()).header(ACCEPT, "application/json").body(Bytes::new());
    let request = request.map_err(|error| fault(&error.to_string()))?;
    let answer = http.send(request).await.map_err(|error| {
        if error == FetchError::Deadline { ExchangeError::Deadline } else { fault(&error.to_string()) }
    })?;
    if answer.status() != StatusCode::OK {
        return Err(fault(&format!("status {}", answer.status())));
    }
    let metadata: Metadata = serde_json::from_slice(answer.body()).map_err(|_| fault("it is no metadata"))?;
    if metadata.issuer != issuer {
        return Err(fault("it is for another issuer"));
    }
    let address = |text: &str, name: &str| {
        let url = Url::parse(text).ok().filter(is_askable);
        url.map(Arc::new).ok_or_else(|| fault(&format!("its `{name}` is no https URL")))
    };
    let Some(plain) = metadata.token_endpoint else {
        return Err(fault("it has no `token_endpoint`"));
    };
    let plain = address(&plain, "token_endpoint")?;
    let alias = metadata.mtls_endpoint_aliases.and_then(|aliases| aliases.token_endpoint);
    let mutual_tls = match alias {
        Some(alias) => address(&alias, "mtls_endpoint_aliases.token_endpoint")?,
        None => Arc::clone(&plain),
    };
    Ok(Addresses { plain, mutual_tls })
}

#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    token_endpoint: Option<String>,
    mtls_endpoint_aliases: Option<Aliases>,
}

#[derive(Deserialize)]
struct Aliases {
    token_endpoint: Option<String>,
}

/// Secrets may be sent there (RFC 6749, section 3.2).
fn is_askable(url: &Url) -> bool {
    let is_secure = url.scheme() == "https" || (url.scheme() == "http" && address::is_loopback(url));
    is_secure && url.username().is_empty() && url.password().is_none() && url.fragment().is_none()
}

const LIFETIME: Duration = Duration::from_secs(3600);
