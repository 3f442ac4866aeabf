//! Exchanged tokens, kept until shortly before they expire.

use std::collections::HashMap;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;

use claviger_core::clock::Clock;
use futures_util::FutureExt;
use futures_util::future::Shared;

use crate::answer::ExchangedToken;
use crate::error::ExchangeError;

/// A bounded cache of exchanged tokens; requests for the same wait for one exchange.
#[derive(Clone)]
pub(crate) struct Cache {
    inner: Arc<Inner>,
}

struct Inner {
    clock: Arc<dyn Clock>,
    tokens: quick_cache::sync::Cache<Digest, Kept>,
    flights: Mutex<HashMap<Digest, Flight>>,
}

/// Of the whole request: the subject token, the audience, the scope, and all else that is asked for.
type Digest = [u8; 32];

#[derive(Clone)]
struct Kept {
    token: ExchangedToken,
    /// By the monotonic clock, which nobody can set.
    until: Duration,
}

type Outcome = Result<ExchangedToken, ExchangeError>;
type Flight = Shared<Pin<Box<dyn Future<Output = Outcome> + Send>>>;

impl Cache {
    pub(crate) fn new(tokens: usize, clock: Arc<dyn Clock>) -> Self {
        let tokens = quick_cache::sync::Cache::new(tokens);
        Self { inner: Arc::new(Inner { clock, tokens, flights: Mutex::default() }) }
    }

    /// What is kept, or what comes of the exchange that is under way, or of `ask`. A failure is shared by those who
    /// waited for it, and not kept.
    pub(crate) async fn get_or_ask(
        &self,
        digest: Digest,
        ask: impl Future<Output = Outcome> + Send + 'static,
    ) -> Outcome {
        let flight = {
            let mut flights = self.inner.flights();
            if let Some(token) = self.inner.kept(&digest) {
                return Ok(token);
            }
            match flights.get(&digest).filter(|flight| flight.peek().is_none()) {
                Some(flight) => flight.clone(),
                // One that has ended and is still there has ended badly.
                None => {
                    let flight = self.start(digest, ask);
                    flights.insert(digest, flight.clone());
                    flight
                }
            }
        };
        flight.await
    }

    /// A task of its own, so that a client that goes away takes the answer from nobody.
    fn start(&self, digest: Digest, ask: impl Future<Output = Outcome> + Send + 'static) -> Flight {
        let (inner, asked_at) = (Arc::clone(&self.inner), self.inner.clock.monotonic());
        let task = tokio::spawn(async move {
            let outcome = ask.await;
            inner.land(digest, &outcome, asked_at);
            outcome
        });
        let ended = task.map(|ended| ended.unwrap_or_else(|error| Err(ExchangeError::Transport(error.to_string()))));
        ended.boxed().shared()
    }
}

impl Inner {
    fn kept(&self, digest: &Digest) -> Option<ExchangedToken> {
        let kept = self.tokens.get(digest)?;
        if self.clock.monotonic() < kept.until {
            return Some(kept.token);
        }
        self.tokens.remove(digest);
        None
    }

    fn land(&self, digest: Digest, outcome: &Outcome, asked_at: Duration) {
        let mut flights = self.flights();
        let lifetime = outcome.as_ref().ok().and_then(ExchangedToken::stated_lifetime).unwrap_or_default();
        let served = lifetime.saturating_sub(MARGIN.min(lifetime / 2));
        if let Ok(token) = outcome
            && !served.is_zero()
        {
            let kept = Kept { token: token.clone(), until: asked_at.saturating_add(served) };
            self.tokens.insert(digest, kept);
        }
        flights.remove(&digest);
    }

    fn flights(&self) -> MutexGuard<'_, HashMap<Digest, Flight>> {
        self.flights.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache").field("tokens", &self.inner.tokens.len()).finish_non_exhaustive()
    }
}

/// What a call to the other API may take, and clocks may differ.
const MARGIN: Duration = Duration::from_secs(30);
