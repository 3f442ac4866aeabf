//! The issuer as a test holds it.

use std::net::SocketAddr;
use std::sync::Arc;

use super::TestIssuerBuilder;
use super::place::Document;
use super::serve::Server;
use super::state::Shared;
use crate::TokenBuilder;

/// An OAuth 2.0 issuer that lives as long as the test: dropped, its server ends with all connections.
///
/// Everything that changes it takes `&self` and holds from the next request on.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> reqwest::Result<()> {
/// use claviger_testing::TestIssuer;
///
/// let issuer = TestIssuer::start().await;
/// let document = reqwest::get(issuer.discovery_url()).await?.text().await?;
/// assert!(document.contains(issuer.url()));
/// assert!(document.contains(&issuer.jwks_uri()));
///
/// let keys = reqwest::get(issuer.jwks_uri()).await?;
/// assert_eq!(keys.headers()["content-type"], "application/jwk-set+json");
/// assert_eq!(keys.text().await?, issuer.jwks());
///
/// assert_eq!(issuer.fetches().discovery(), 1);
/// assert_eq!(issuer.fetches().jwks(), 1);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct TestIssuer {
    shared: Arc<Shared>,
    server: Option<Server>,
}

/// # Starting and stopping
impl TestIssuer {
    /// Starts an issuer on a free port of 127.0.0.1, with the defaults of [`TestIssuerBuilder`].
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime with I/O and time enabled, or if there is no free port.
    pub async fn start() -> Self {
        Self::builder().start().await
    }

    /// Makes an issuer that serves nothing: for tokens, and for a static key source over [`jwks`](Self::jwks).
    #[must_use]
    pub fn in_memory(issuer: impl Into<String>) -> Self {
        Self::builder().with_issuer(issuer).in_memory()
    }

    /// An issuer with other options.
    pub fn builder() -> TestIssuerBuilder {
        TestIssuerBuilder::new()
    }

    /// Ends the server and waits until its port refuses connections: an issuer that is down.
    ///
    /// Dropping the issuer ends it too, a little later.
    pub async fn stop(self) {
        if let Some(server) = self.server {
            server.stop().await;
        }
    }

    pub(super) fn new(shared: Arc<Shared>, server: Option<Server>) -> Self {
        Self { shared, server }
    }

    pub(super) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }
}

/// # Addresses
impl TestIssuer {
    /// The issuer, exactly as tokens and discovery name it.
    #[must_use]
    pub fn url(&self) -> &str {
        self.shared.place.issuer()
    }

    /// The origin that answers: scheme, host and port, without a slash at the end.
    #[must_use]
    pub fn base_url(&self) -> String {
        self.shared.place.base_url()
    }

    /// The address of the server.
    ///
    /// # Panics
    ///
    /// For an issuer in memory, which has none.
    #[must_use]
    #[expect(clippy::expect_used, reason = "documented")]
    pub fn address(&self) -> SocketAddr {
        self.shared.place.address().expect("an issuer in memory has no address")
    }

    /// Where the key set can be fetched, under the address of the server even if the issuer is named otherwise.
    #[must_use]
    pub fn jwks_uri(&self) -> String {
        self.shared.place.url(Document::Jwks)
    }

    /// Where discovery can be fetched as OpenID Connect has it: the well-known part behind the issuer's path.
    #[must_use]
    pub fn discovery_url(&self) -> String {
        self.shared.place.url(Document::OpenidConfiguration)
    }

    /// Where discovery can be fetched as RFC 8414 has it: the well-known part before the issuer's path.
    #[must_use]
    pub fn server_metadata_url(&self) -> String {
        self.shared.place.url(Document::ServerMetadata)
    }
}

/// # Tokens
impl TestIssuer {
    /// A correct access token of this issuer, signed by its current key; see [`TokenBuilder`] for what can be changed.
    ///
    /// # Panics
    ///
    /// If the clock does not know the time.
    #[expect(clippy::expect_used, reason = "documented")]
    pub fn token(&self) -> TokenBuilder {
        let now = self.shared.clock.unix().expect("a token is minted while the clock knows the time");
        TokenBuilder::new(self.url(), &self.shared.audience, self.current_key(), now)
    }
}
