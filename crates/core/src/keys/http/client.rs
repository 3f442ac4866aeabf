//! The clients that requests are sent with.

use std::error::Error;
use std::iter;
use std::sync::Arc;

#[cfg(any(feature = "rustls", feature = "native-tls"))]
use reqwest::Certificate;
use reqwest::Client;
use reqwest::ClientBuilder;
use reqwest::dns::Resolve;
use reqwest::redirect::Policy;

use crate::keys::FetchError;
use crate::keys::KeySettings;
use crate::keys::public_resolver::NotPublic;
use crate::keys::public_resolver::PublicResolver;

/// What clients differ in beside their limits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClientOptions<'a> {
    /// Further root certificates in PEM.
    pub(crate) roots: Option<&'a [u8]>,
    pub(crate) reach: Reach,
    pub(crate) reuse: Reuse,
}

/// Which addresses are connected to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Reach {
    Any,
    Public,
}

/// Whether a connection carries a second request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Reuse {
    /// Each request has a connection of its own, so that none meets one that has gone deaf or was dropped meanwhile.
    Never,
    /// Connections that are idle wait for the next request.
    Idle,
}

/// Clients with the same options.
#[derive(Clone, Debug)]
pub(super) struct Clients {
    pub(super) remote: Client,
    /// For this machine, which no proxy may come between.
    pub(super) loopback: Client,
    /// Why there are no root certificates, so that no https server can be trusted.
    pub(super) no_roots: Option<Arc<str>>,
}

impl Clients {
    /// The resolver is asked only where its answers are judged.
    pub(super) fn new(
        resolver: Arc<dyn Resolve>,
        settings: &KeySettings,
        options: ClientOptions<'_>,
    ) -> Result<Self, FetchError> {
        let direct = || Client::builder().no_proxy();
        match options.reach {
            Reach::Any => {
                let (remote, no_roots) = built(Client::builder, settings, options)?;
                let (loopback, _) = built(direct, settings, options)?;
                Ok(Self { remote, loopback, no_roots })
            }
            // A proxy would choose the address itself.
            Reach::Public => {
                let judging: Arc<dyn Resolve> = Arc::new(PublicResolver::new(resolver));
                let client = || direct().https_only(true).dns_resolver(Arc::clone(&judging));
                let (client, no_roots) = built(client, settings, options)?;
                Ok(Self { loopback: client.clone(), remote: client, no_roots })
            }
        }
    }
}

/// With the reason for it if it trusts nobody: rustls refuses to begin without root certificates, which plain http does not
/// need.
fn built(
    client: impl Fn() -> ClientBuilder,
    settings: &KeySettings,
    options: ClientOptions<'_>,
) -> Result<(Client, Option<Arc<str>>), FetchError> {
    let limited = |client: ClientBuilder| limited(client, settings, options.reuse).build();
    let failed = |error: reqwest::Error| FetchError::Transport(described(&error));
    match options.roots {
        Some(pem) => Ok((limited(trusting(client(), pem)?).map_err(failed)?, None)),
        None => match limited(client()) {
            Ok(client) => Ok((client, None)),
            Err(error) => Ok((limited(trusting_nobody(client())).map_err(failed)?, Some(described(&error).into()))),
        },
    }
}

fn limited(client: ClientBuilder, settings: &KeySettings, reuse: Reuse) -> ClientBuilder {
    client
        .redirect(Policy::none())
        .timeout(settings.timeout)
        .connect_timeout(settings.connect_timeout)
        .user_agent(concat!("claviger/", env!("CARGO_PKG_VERSION")))
        // A request that is given up closes its connection. One of HTTP/2 would live on, and be used again, also when
        // nothing answers at its other end any more.
        .http1_only()
        .pool_max_idle_per_host(match reuse {
            Reuse::Never => 0,
            Reuse::Idle => usize::MAX,
        })
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

#[cfg(any(feature = "rustls", feature = "native-tls"))]
fn trusting_nobody(client: ClientBuilder) -> ClientBuilder {
    client.tls_certs_only([])
}

#[cfg(not(any(feature = "rustls", feature = "native-tls")))]
fn trusting_nobody(client: ClientBuilder) -> ClientBuilder {
    client
}

pub(super) fn transport(error: &reqwest::Error) -> FetchError {
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
