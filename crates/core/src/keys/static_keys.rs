//! Keys that are given once and never change: JWKS text, a file, PEM.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::keys::Answer;
use crate::keys::Arrival;
use crate::keys::Ask;
use crate::keys::Done;
use crate::keys::KeyCounters;
use crate::keys::KeySnapshot;
use crate::keys::KeySource;
use crate::keys::KeyState;
use crate::keys::KeyStatus;
use crate::keys::Keys;
use crate::keys::NoKeys;
use crate::keys::jwk::Jwk;
use crate::keys::pem;
use crate::keys::set::KeySet;
use crate::keys::skipped::SkippedLog;

/// Keys that are given once and never change.
#[derive(Debug)]
pub(crate) struct StaticKeys {
    issuer: Box<str>,
    keys: Arc<Keys>,
}

impl StaticKeys {
    /// # Errors
    ///
    /// What is wrong with the text.
    pub(crate) fn from_jwks(issuer: &str, jwks: &str, max_keys: usize) -> Result<Self, String> {
        let set = KeySet::read(jwks, max_keys).map_err(|error| error.to_string())?;
        SkippedLog::default().log(issuer, set.skipped());
        Ok(Self::new(issuer, set))
    }

    /// # Errors
    ///
    /// What is wrong with the file or its text.
    pub(crate) fn from_file(issuer: &str, path: &Path, max_keys: usize) -> Result<Self, String> {
        let jwks = std::fs::read_to_string(path).map_err(|error| format!("cannot be read: {error}"))?;
        Self::from_jwks(issuer, &jwks, max_keys)
    }

    /// # Errors
    ///
    /// What is wrong with the text.
    pub(crate) fn from_pem(issuer: &str, text: &str) -> Result<Self, String> {
        let material = pem::read(text)?;
        let algorithms = material.algorithms();
        let key = Jwk::new(None, material, algorithms).map_err(|why| why.to_string())?;
        Ok(Self::new(issuer, KeySet::of(vec![key])))
    }

    fn new(issuer: &str, set: KeySet) -> Self {
        let keys = Keys {
            set: Arc::new(set.with_nameless_for_any()),
            generation: 1,
            landing: 1,
            landed_at: Duration::ZERO,
            age_then: Duration::ZERO,
            cached_for: Duration::ZERO,
            fetched_at: None,
            lifetime: Duration::MAX,
            refresh_at: Duration::MAX,
        };
        Self { issuer: issuer.into(), keys: Arc::new(keys) }
    }
}

impl KeySource for StaticKeys {
    fn arrival(&self) -> Arrival {
        Arrival::default()
    }

    fn fresh_generation(&self, _: Arrival) -> Option<u64> {
        Some(self.keys.generation)
    }

    fn keys(&self, ask: Ask) -> Answer {
        Answer::Ready(match ask {
            Ask::Any(_) => Ok(Arc::clone(&self.keys)),
            Ask::Newer { .. } => Err(NoKeys::NothingNewer),
        })
    }

    fn is_fetched(&self) -> bool {
        false
    }

    fn confirm(&self) {}

    fn ready(&self) -> Done {
        Box::pin(std::future::ready(Ok(())))
    }

    fn refresh(&self) -> Done {
        Box::pin(std::future::ready(Ok(())))
    }

    fn snapshot(&self) -> Option<KeySnapshot> {
        None
    }

    fn status(&self) -> KeyStatus {
        KeyStatus {
            issuer: self.issuer.to_string(),
            state: KeyState::Fresh,
            key_ids: self.keys.set.key_ids(),
            generation: self.keys.generation,
            age: None,
            refresh_in: None,
            last_error: None,
            counters: KeyCounters::default(),
        }
    }
}
