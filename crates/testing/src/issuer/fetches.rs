//! Who asked for what.

use http::HeaderMap;

use super::TestIssuer;
use super::place::Document;

/// How often an issuer was asked, and with which header fields the last time.
///
/// A request counts when its answer, or its [`Fault`](crate::Fault), is decided.
#[derive(Clone, Debug, Default)]
pub struct Fetches {
    discovery: usize,
    jwks: usize,
    last_discovery: Option<HeaderMap>,
    last_jwks: Option<HeaderMap>,
}

impl Fetches {
    /// The requests for discovery, under both addresses together, also for a document that is switched off.
    #[must_use]
    pub fn discovery(&self) -> usize {
        self.discovery
    }

    /// The requests for the key set.
    #[must_use]
    pub fn jwks(&self) -> usize {
        self.jwks
    }

    /// The header fields of the last request for discovery.
    #[must_use]
    pub fn last_discovery_headers(&self) -> Option<&HeaderMap> {
        self.last_discovery.as_ref()
    }

    /// The header fields of the last request for the key set.
    #[must_use]
    pub fn last_jwks_headers(&self) -> Option<&HeaderMap> {
        self.last_jwks.as_ref()
    }

    pub(super) fn record(&mut self, document: Document, headers: HeaderMap) {
        match document {
            Document::OpenidConfiguration | Document::ServerMetadata => {
                self.discovery += 1;
                self.last_discovery = Some(headers);
            }
            Document::Jwks => {
                self.jwks += 1;
                self.last_jwks = Some(headers);
            }
        }
    }
}

/// # Counting
impl TestIssuer {
    /// What was fetched so far.
    #[must_use]
    pub fn fetches(&self) -> Fetches {
        self.shared().fetches.borrow().clone()
    }

    /// Waits until discovery was asked for `times` times in all; at once if that has happened.
    pub async fn wait_for_discovery(&self, times: usize) {
        self.wait_until(|fetches| fetches.discovery >= times).await;
    }

    /// Waits until the key set was asked for `times` times in all; at once if that has happened.
    ///
    /// So a test knows that a fetch has begun without sleeping. If it never begins, this never returns.
    pub async fn wait_for_jwks(&self, times: usize) {
        self.wait_until(|fetches| fetches.jwks >= times).await;
    }

    #[expect(clippy::expect_used, reason = "the sender lives in `self`")]
    async fn wait_until(&self, reached: impl FnMut(&Fetches) -> bool) {
        let mut fetches = self.shared().fetches.subscribe();
        fetches.wait_for(reached).await.expect("the issuer is alive");
    }
}
