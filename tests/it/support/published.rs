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

/// An issuer in memory that can be broken, and remembers when it was asked.
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
}

impl Published {
    pub(crate) fn new(clock: TestClock, jwks: String) -> Self {
        Self { clock, state: Arc::new(Mutex::new(State { jwks, is_up: true, asked: Vec::new() })) }
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

impl Fetch for Published {
    fn fetch(&self, _: Request<()>) -> FetchFuture<'_> {
        let mut state = self.state();
        let is_up = state.is_up;
        state.asked.push((self.clock.monotonic(), is_up));
        let jwks = Bytes::from(state.jwks.clone());
        Box::pin(async move { if is_up { Ok(Response::new(jwks)) } else { Err(FetchError::Deadline) } })
    }
}
