//! An issuer in memory.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::time::Duration;

use bytes::Bytes;
use claviger::Fetch;
use claviger::FetchError;
use claviger::FetchFuture;
use claviger::clock::Clock;
use claviger_testing::TestClock;
use http::Request;
use http::Response;
use http::header::AGE;
use http::header::CACHE_CONTROL;

/// An issuer in memory that can be broken, and remembers when it was asked; behind a shared cache, if there is one.
#[derive(Clone, Debug)]
pub(crate) struct Published {
    clock: TestClock,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    jwks: String,
    is_up: bool,
    asked: Vec<(Duration, bool)>,
    cache: Option<SharedCache>,
}

/// A cache between the issuer and us, which answers by itself for a while.
#[derive(Clone, Debug)]
pub(crate) struct SharedCache {
    pub(crate) fresh_for: Duration,
    /// Whether it answers by itself also where the request has `no-cache`.
    pub(crate) ignores_no_cache: bool,
    pub(crate) stored: Option<(String, Duration)>,
}

impl Published {
    pub(crate) fn new(clock: TestClock, jwks: String) -> Self {
        let state = State { jwks, is_up: true, asked: Vec::new(), cache: None };
        Self { clock, state: Arc::new(Mutex::new(state)) }
    }

    pub(crate) fn behind(self, cache: Option<SharedCache>) -> Self {
        self.state().cache = cache;
        self
    }

    pub(crate) fn publish(&self, jwks: String) {
        self.state().jwks = jwks;
    }

    pub(crate) fn set_up(&self, is_up: bool) {
        self.state().is_up = is_up;
    }

    /// When, by the monotonic clock, and whether it answered.
    pub(crate) fn asked(&self) -> Vec<(Duration, bool)> {
        self.state().asked.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

impl State {
    /// The set and its age.
    fn answer(&mut self, now: Duration, has_no_cache: bool) -> (String, Duration) {
        let Some(cache) = &mut self.cache else { return (self.jwks.clone(), Duration::ZERO) };
        if let Some((jwks, at)) = &cache.stored
            && (Duration::from_secs(1)..cache.fresh_for).contains(&(now - *at))
            && (cache.ignores_no_cache || !has_no_cache)
        {
            return (jwks.clone(), now - *at);
        }
        cache.stored = Some((self.jwks.clone(), now));
        (self.jwks.clone(), Duration::ZERO)
    }
}

impl Fetch for Published {
    fn fetch(&self, request: Request<()>) -> FetchFuture<'_> {
        let (mut state, now) = (self.state(), self.clock.monotonic());
        let is_up = state.is_up;
        state.asked.push((now, is_up));
        let has_no_cache = request.headers().get(CACHE_CONTROL).is_some_and(|value| value == "no-cache");
        let (jwks, age) = state.answer(now, has_no_cache);
        let mut answer = Response::new(Bytes::from(jwks));
        if !age.is_zero() {
            answer.headers_mut().insert(AGE, age.as_secs().into());
        }
        Box::pin(async move { if is_up { Ok(answer) } else { Err(FetchError::Deadline) } })
    }
}
