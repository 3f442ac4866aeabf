//! What the test and the server share.

use std::fmt;
use std::fmt::Debug;
use std::fmt::Formatter;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use claviger_core::clock::Clock;
use serde_json::Value;
use tokio::sync::watch;

use super::Fault;
use super::Fetches;
use super::TokenRequest;
use super::keys::Keys;
use super::place::Document;
use super::place::Place;
use super::publication::Publication;

/// One issuer: what never changes, and behind a lock what tests change.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) place: Place,
    pub(super) audience: String,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) fetches: watch::Sender<Fetches>,
    pub(super) token_requests: watch::Sender<Vec<TokenRequest>>,
    state: Mutex<State>,
}

/// What tests change.
pub(super) struct State {
    pub(super) keys: Keys,
    pub(super) publication: Publication,
    pub(super) discovery_fault: Option<Fault>,
    pub(super) jwks_fault: Option<Fault>,
    pub(super) token_fault: Option<Fault>,
    /// In place of what the token endpoint would answer.
    pub(super) token_answer: Option<Value>,
    /// What a proof must say before the token endpoint answers.
    pub(super) dpop_nonce: Option<String>,
}

impl Shared {
    pub(super) fn new(
        place: Place,
        audience: String,
        clock: Arc<dyn Clock>,
        keys: Keys,
        publication: Publication,
    ) -> Self {
        let state = State {
            keys,
            publication,
            discovery_fault: None,
            jwks_fault: None,
            token_fault: None,
            token_answer: None,
            dpop_nonce: None,
        };
        let (fetches, token_requests) = (watch::Sender::default(), watch::Sender::default());
        Self { place, audience, clock, fetches, token_requests, state: Mutex::new(state) }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    pub(super) fn fault_of(&self, document: Document) -> Option<Fault> {
        match document {
            Document::OpenidConfiguration | Document::ServerMetadata => self.discovery_fault.clone(),
            Document::Jwks => self.jwks_fault.clone(),
        }
    }
}

impl Debug for State {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("State")
            .field("keys", &self.keys)
            .field("discovery_fault", &self.discovery_fault)
            .field("jwks_fault", &self.jwks_fault)
            .finish_non_exhaustive()
    }
}
