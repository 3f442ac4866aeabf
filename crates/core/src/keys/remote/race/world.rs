//! An issuer, a clock and requests, for tests that a scheduler runs thousands of times.

use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http::Response;
use shuttle::Config;
use shuttle::Runner;
use shuttle::future::yield_now;
use shuttle::rand::Rng;
use shuttle::rand::thread_rng;
use shuttle::scheduler::PctScheduler;
use shuttle::scheduler::RandomScheduler;
use url::Url;

use crate::clock::Clock;
use crate::issuer::NamedBy;
use crate::keys::Answer;
use crate::keys::Ask;
use crate::keys::Fetch;
use crate::keys::FetchFuture;
use crate::keys::KeySettings;
use crate::keys::KeySource;
use crate::keys::Keys;
use crate::keys::Location;
use crate::keys::NoKeys;
use crate::keys::PlainHttp;
use crate::keys::RemoteKeys;
use crate::keys::Start;
use crate::keys::remote::explored::Broken;
use crate::keys::remote::flight::Landing;

/// Runs `test` in many orders of events: any, and those where a task is held up for long.
pub(super) fn explore(test: impl Fn() + Send + Sync + 'static) {
    let mut config = Config::new();
    // OpenSSL needs more of a stack than a task has by default.
    config.stack_size = 256 * 1024;
    // They say that orders of memory are not explored.
    config.silence_warnings = true;
    let test = Arc::new(test);
    let again = Arc::clone(&test);
    Runner::new(RandomScheduler::new(ANY_ORDERS), config.clone()).run(move || test());
    Runner::new(PctScheduler::new(TIMES_HELD_UP, HELD_UP_ORDERS), config).run(move || again());
}

/// Keys of one issuer, in a time that stands until it is advanced.
#[derive(Clone, Debug)]
pub(super) struct World {
    pub(super) keys: RemoteKeys,
    pub(super) issuer: Published,
    pub(super) clock: Stopped,
}

impl World {
    /// Fetches, and those who wait for them, have all the time that they need.
    pub(super) fn patient() -> Self {
        Self::with(Duration::MAX)
    }

    /// The time of either can end at any moment.
    pub(super) fn impatient() -> Self {
        Self::with(Duration::from_secs(1))
    }

    fn with(patience: Duration) -> Self {
        let location = Location {
            issuer: ISSUER.to_owned(),
            start: Start::Keys(Url::parse(ISSUER).unwrap()),
            origin: None,
            template: None,
            named_by: NamedBy::TheOperator,
            fetch_base: None,
            plain_http: PlainHttp::Loopback,
            bearer_token_file: None,
        };
        let settings = KeySettings { timeout: patience, wait: patience, ..KeySettings::default() };
        let (issuer, clock) = (Published::new(jwks(0)), Stopped::default());
        let keys = RemoteKeys::new(location, settings, Arc::new(issuer.clone()), Arc::new(clock.clone()), None);
        Self { keys, issuer, clock }
    }

    /// As the verifier asks first.
    pub(super) async fn request(self) -> Result<Arc<Keys>, NoKeys> {
        match self.keys.keys(Ask::Any(self.keys.arrival())) {
            Answer::Ready(keys) => keys,
            Answer::Wait(wait) => wait.await,
        }
    }

    /// Whatever is under way lands, and is then forgotten.
    pub(super) async fn assert_all_land(&self) {
        let under_way: Vec<_> = self.keys.shared.lock().under_way.values().cloned().collect();
        for landing in under_way {
            Landing::from(landing).awaited().await;
        }
        assert!(self.keys.shared.lock().under_way.is_empty(), "a flight is remembered after its landing");
    }
}

/// An issuer that answers with what it published when it was asked, however long the answer takes.
#[derive(Clone, Debug)]
pub(super) struct Published(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    jwks: String,
    rotations: u64,
    fault: Option<Fault>,
    asked: usize,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Fault {
    Panics,
    IsSilent,
}

impl Published {
    pub(super) fn new(jwks: String) -> Self {
        Self(Arc::new(Mutex::new(State { jwks, rotations: 0, fault: None, asked: 0 })))
    }

    pub(super) fn publish(&self, jwks: String) {
        self.0.lock().unwrap().jwks = jwks;
    }

    /// Another name for the key, which is returned.
    pub(super) fn rotate(&self) -> u64 {
        let mut state = self.0.lock().unwrap();
        state.rotations += 1;
        state.jwks = jwks(state.rotations);
        state.rotations
    }

    pub(super) fn set_fault(&self, fault: Option<Fault>) {
        self.0.lock().unwrap().fault = fault;
    }

    pub(super) fn asked(&self) -> usize {
        self.0.lock().unwrap().asked
    }

    fn answer(&self) -> (String, Option<Fault>) {
        let mut state = self.0.lock().unwrap();
        state.asked += 1;
        (state.jwks.clone(), state.fault)
    }
}

impl Fetch for Published {
    fn fetch(&self, _: Request<()>) -> FetchFuture<'_> {
        Box::pin(async {
            take_a_while().await;
            let (jwks, fault) = self.answer();
            match fault {
                None => take_a_while().await,
                Some(Fault::Panics) => std::panic::resume_unwind(Box::new(Broken)),
                Some(Fault::IsSilent) => std::future::pending().await,
            }
            Ok(Response::new(Bytes::from(jwks)))
        })
    }
}

async fn take_a_while() {
    for _ in 0..thread_rng().gen_range(0..LONG) {
        yield_now().await;
    }
}

/// The name of the only key.
pub(super) fn key_id(keys: &Keys) -> u64 {
    keys.set.key_ids().concat().parse().unwrap()
}

/// The key of RFC 8037, appendix A.2, by another name.
fn jwks(key_id: u64) -> String {
    let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    format!(r#"{{"keys":[{{"kty":"OKP","crv":"Ed25519","x":"{x}","kid":"{key_id}"}}]}}"#)
}

/// A clock that stands until it is advanced.
#[derive(Clone, Debug, Default)]
pub(super) struct Stopped(Arc<Mutex<Duration>>);

impl Stopped {
    pub(super) fn advance(&self, seconds: u64) {
        *self.0.lock().unwrap() += Duration::from_secs(seconds);
    }
}

impl Clock for Stopped {
    fn unix(&self) -> Option<Duration> {
        Some(NOW + self.monotonic())
    }

    fn monotonic(&self) -> Duration {
        *self.0.lock().unwrap()
    }
}

pub(super) const ISSUER: &str = "https://issuer.example";
pub(super) const NOW: Duration = Duration::from_secs(1_750_000_000);
const ANY_ORDERS: usize = 2500;
const HELD_UP_ORDERS: usize = 1500;
const LONG: usize = 8;
const TIMES_HELD_UP: usize = 5;
