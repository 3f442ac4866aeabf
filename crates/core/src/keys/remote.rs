//! Keys that are fetched: the hands of the policy.
//!
//! A fetch is a task of its own, so a client that goes away does not cancel it; requests only watch. Keys are read
//! without a lock: the policy and its mutex are asked only when the keys at hand are not simply fresh.

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::hash::RandomState;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::time::timeout;

use crate::clock::Clock;
use crate::keys::Answer;
use crate::keys::Arrival;
use crate::keys::Ask;
use crate::keys::Cause;
use crate::keys::Fetch;
use crate::keys::FetchError;
use crate::keys::KeySettings;
use crate::keys::KeySource;
use crate::keys::KeyStatus;
use crate::keys::Keys;
use crate::keys::Location;
use crate::keys::NoKeys;
use crate::keys::discovery::FetchFault;
use crate::keys::discovery::Fetched;
use crate::keys::discovery::Validators;
use crate::keys::freshness;
use crate::keys::policy::Decision;
use crate::keys::policy::Landed;
use crate::keys::policy::Outcome;
use crate::keys::policy::Policy;
use crate::keys::set::KeySet;

/// Keys that are fetched from their issuer.
#[derive(Clone, Debug)]
pub(crate) struct RemoteKeys {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    location: Location,
    settings: KeySettings,
    fetch: Arc<dyn Fetch>,
    clock: Arc<dyn Clock>,
    current: ArcSwapOption<Keys>,
    /// [`Policy::flights`], to be read without the lock.
    flights: AtomicU64,
    ground: Mutex<Ground>,
}

/// What stands behind the mutex; it is never held across an await.
#[derive(Debug)]
struct Ground {
    policy: Policy,
    /// A channel for each flight, closed when it has landed.
    under_way: HashMap<u64, watch::Receiver<()>>,
    validators: Option<Validators>,
    last_error: Option<String>,
}

impl RemoteKeys {
    pub(crate) fn new(location: Location, settings: KeySettings, fetch: Arc<dyn Fetch>, clock: Arc<dyn Clock>) -> Self {
        let ground = Ground {
            policy: Policy::new(settings.clone()),
            under_way: HashMap::new(),
            validators: None,
            last_error: None,
        };
        let current = ArcSwapOption::empty();
        let (flights, ground) = (AtomicU64::new(0), Mutex::new(ground));
        Self { shared: Arc::new(Shared { location, settings, fetch, clock, current, flights, ground }) }
    }
}

impl KeySource for RemoteKeys {
    fn arrival(&self) -> Arrival {
        let flights = self.shared.flights.load(Ordering::Acquire);
        Arrival { at: self.shared.clock.monotonic(), flights }
    }

    fn keys(&self, ask: Ask) -> Answer {
        let now = self.shared.clock.monotonic();
        if let (Ask::Any, Some(keys)) = (ask, &*self.shared.current.load())
            && now < keys.refresh_at
        {
            return Answer::Ready(Ok(Arc::clone(keys)));
        }
        self.shared.decide(now, ask)
    }

    fn refresh(&self) -> Pin<Box<dyn Future<Output = Result<(), NoKeys>> + Send>> {
        let shared = Arc::clone(&self.shared);
        let (flight, seen) = {
            let mut ground = shared.lock();
            let number = ground.policy.refresh();
            (shared.board(&mut ground, number), shared.landing())
        };
        let landed = shared.take_off(flight);
        Box::pin(async move {
            wait(Some(landed), shared.settings.timeout).await;
            if shared.landing() > seen { Ok(()) } else { Err(shared.unavailable()) }
        })
    }

    fn status(&self) -> KeyStatus {
        let now = self.shared.clock.monotonic();
        let keys = self.shared.current.load_full();
        let ground = self.shared.lock();
        KeyStatus {
            issuer: self.shared.location.issuer.clone(),
            state: ground.policy.state(now),
            key_ids: keys.as_ref().map(|keys| keys.set.key_ids()).unwrap_or_default(),
            generation: keys.as_ref().map_or(0, |keys| keys.generation),
            age: keys.as_ref().map(|keys| now.saturating_sub(keys.landed_at)),
            refresh_in: keys.as_ref().map(|keys| keys.refresh_at.saturating_sub(now)),
            last_error: ground.last_error.clone(),
        }
    }
}

impl Shared {
    fn decide(self: &Arc<Self>, now: Duration, ask: Ask) -> Answer {
        let mut ground = self.lock();
        match ground.policy.decide(now, ask) {
            Decision::Serve => {
                drop(ground);
                Answer::Ready(self.at_hand())
            }
            Decision::ServeAndFetch(number) => {
                let flight = self.board(&mut ground, number);
                drop(ground);
                self.take_off(flight);
                Answer::Ready(self.at_hand())
            }
            Decision::FetchAndWait(number) => {
                let flight = self.board(&mut ground, number);
                drop(ground);
                let landed = self.take_off(flight);
                self.wait_for(landed, now, ask)
            }
            Decision::Join(number) => self.wait_for(ground.under_way.get(&number).cloned(), now, ask),
            Decision::NothingNewer => Answer::Ready(Err(NoKeys::NothingNewer)),
            Decision::Unavailable { .. } => {
                drop(ground);
                Answer::Ready(Err(self.unavailable()))
            }
        }
    }

    /// Makes the flight known to whoever asks next, under the same lock as the decision: it could not be joined else.
    fn board(self: &Arc<Self>, ground: &mut Ground, number: u64) -> Flight {
        let (landing, landed) = watch::channel(());
        ground.under_way.insert(number, landed.clone());
        self.flights.store(ground.policy.flights(), Ordering::Release);
        Flight { fetch: InFlight { shared: Arc::clone(self), number, landed: false }, landing, landed }
    }

    /// Starts the flight as a task of its own; what it returns is closed when the flight has landed.
    fn take_off(&self, flight: Flight) -> watch::Receiver<()> {
        let Flight { fetch, landing, landed } = flight;
        match Handle::try_current() {
            Ok(runtime) => {
                runtime.spawn(async move {
                    let _landing = landing;
                    let brought = fetch.shared.fetch().await;
                    fetch.land(brought);
                });
            }
            Err(_) => fetch.land(Err(OUTSIDE_OF_TOKIO.to_owned())),
        }
        landed
    }

    async fn fetch(&self) -> Result<Fetched, String> {
        let known = self.lock().validators.clone();
        let fetched = timeout(self.settings.timeout, self.location.fetch(&*self.fetch, known)).await;
        match fetched {
            Ok(Ok(fetched)) => Ok(fetched),
            Ok(Err(fault)) => {
                if let FetchFault::IssuerMismatch { .. } = fault {
                    tracing::error!(issuer = self.location.issuer, %fault, "the configured issuer is not the one found");
                }
                Err(fault.to_string())
            }
            Err(_) => Err(FetchError::Deadline.to_string()),
        }
    }

    fn land(&self, number: u64, brought: Result<Fetched, String>) {
        let brought = brought.and_then(|fetched| self.read(fetched));
        let now = self.clock.monotonic();
        let mut ground = self.lock();
        let outcome = match &brought {
            Ok(Brought { lifetime, .. }) => Outcome::Keys { lifetime: *lifetime },
            Err(_) => Outcome::Failed,
        };
        let landed = ground.policy.land(now, number, outcome, jitter());
        ground.under_way.remove(&number);
        match (landed, brought) {
            (Landed::Swap { landing, refresh_at }, Ok(brought)) => {
                self.swap(brought.set, landing, now, refresh_at);
                ground.validators = brought.validators.or_else(|| ground.validators.take());
                ground.last_error = None;
            }
            (Landed::Keep | Landed::Swap { .. }, Err(error)) => {
                let worrying = ground.policy.is_worryingly_stale(now);
                tracing::warn!(issuer = self.location.issuer, error, worrying, "the keys could not be fetched");
                ground.last_error = Some(error);
            }
            (Landed::Keep, Ok(_)) => {}
        }
    }

    fn read(&self, fetched: Fetched) -> Result<Brought, String> {
        match fetched {
            Fetched::Keys { text, headers, validators } => {
                let set = KeySet::read(&text, self.settings.max_keys).map_err(|error| error.to_string())?;
                Ok(Brought {
                    set: Arc::new(set),
                    lifetime: freshness::lifetime(&headers),
                    validators: Some(validators),
                })
            }
            Fetched::Unchanged { headers } => {
                let keys = self.current.load_full().ok_or_else(|| "unchanged, but nothing is held".to_owned())?;
                Ok(Brought { set: Arc::clone(&keys.set), lifetime: freshness::lifetime(&headers), validators: None })
            }
        }
    }

    /// Called under the lock, so that swaps come in the order of their landings.
    fn swap(&self, set: Arc<KeySet>, landing: u64, now: Duration, refresh_at: Duration) {
        let old = self.current.load_full();
        let (set, generation) = match &old {
            Some(old) if old.set.same_keys(&set) => (Arc::clone(&old.set), old.generation),
            Some(old) => (set, old.generation + 1),
            None => (set, 1),
        };
        if old.is_none_or(|old| old.generation != generation) {
            tracing::info!(issuer = self.location.issuer, generation, key_ids = ?set.key_ids(), "the key set has changed");
        }
        self.current.store(Some(Arc::new(Keys { set, generation, landing, landed_at: now, refresh_at })));
    }

    /// An answer that is ready when the flight has landed, or when the request has waited long enough.
    fn wait_for(self: &Arc<Self>, landed: impl Into<Option<watch::Receiver<()>>>, now: Duration, ask: Ask) -> Answer {
        let waited = match ask {
            Ask::Any => Duration::ZERO,
            Ask::Newer { arrival, .. } => now.saturating_sub(arrival.at),
        };
        let patience = self.settings.wait.saturating_sub(waited);
        let (shared, landed) = (Arc::clone(self), landed.into());
        Answer::Wait(Box::pin(async move {
            wait(landed, patience).await;
            shared.after_waiting(ask)
        }))
    }

    fn after_waiting(&self, ask: Ask) -> Result<Arc<Keys>, NoKeys> {
        match ask {
            Ask::Any => self.at_hand(),
            Ask::Newer { seen, .. } if self.landing() > seen => self.at_hand(),
            // The refetch failed: a key that is there, and does not verify, is the token's own fault.
            Ask::Newer { cause: Cause::BadSignature, .. } => Err(NoKeys::NothingNewer),
            Ask::Newer { cause: Cause::UnknownKey, .. } => Err(self.unavailable()),
        }
    }

    fn at_hand(&self) -> Result<Arc<Keys>, NoKeys> {
        let now = self.clock.monotonic();
        let usable = self.lock().policy.may_serve(now);
        self.current.load_full().filter(|_| usable).ok_or_else(|| self.unavailable())
    }

    fn landing(&self) -> u64 {
        self.current.load().as_ref().map_or(0, |keys| keys.landing)
    }

    fn unavailable(&self) -> NoKeys {
        let now = self.clock.monotonic();
        let ground = self.lock();
        NoKeys::Unavailable {
            retry_after: ground.policy.retry_after(now),
            cause: ground
                .last_error
                .clone()
                .unwrap_or_else(|| "no answer within the time that a request waits".to_owned()),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Ground> {
        self.ground.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Brought {
    set: Arc<KeySet>,
    lifetime: Option<Duration>,
    validators: Option<Validators>,
}

/// A flight that is known and has not taken off.
struct Flight {
    fetch: InFlight,
    /// Dropped when the flight has landed.
    landing: watch::Sender<()>,
    landed: watch::Receiver<()>,
}

/// A flight that lands whatever happens to its task: were it forgotten, requests would join it for ever.
struct InFlight {
    shared: Arc<Shared>,
    number: u64,
    landed: bool,
}

impl InFlight {
    fn land(mut self, brought: Result<Fetched, String>) {
        self.landed = true;
        self.shared.land(self.number, brought);
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        if !self.landed {
            self.shared.land(self.number, Err("the fetch was broken off".to_owned()));
        }
    }
}

async fn wait(landed: Option<watch::Receiver<()>>, patience: Duration) {
    if let Some(mut landed) = landed {
        // An error is what is waited for: the flight has closed its channel.
        let _ = timeout(patience, landed.changed()).await;
    }
}

/// A number from 0 to 1. It spreads fetches and keeps no secret, so the keys of a hash map are random enough.
fn jitter() -> f64 {
    f64::from(RandomState::new().hash_one(()) as u32) / f64::from(u32::MAX)
}

const OUTSIDE_OF_TOKIO: &str = "keys are fetched on a tokio runtime, and there is none here";
