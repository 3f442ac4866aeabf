//! One fetch, as a task of its own.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::issuer::NamedBy;
use crate::keys::FetchError;
use crate::keys::KeyError;
use crate::keys::KeyErrorKind;
use crate::keys::StoreFuture;
use crate::keys::meter;
use crate::keys::policy::Candidate;
use crate::keys::policy::Wanted;
use crate::keys::remote::landing::Brought;
use crate::keys::remote::report::Report;
use crate::keys::remote::revalidating::Revalidating;
use crate::keys::remote::runtime::Handle;
use crate::keys::remote::runtime::sleep;
use crate::keys::remote::runtime::timeout;
use crate::keys::remote::runtime::watch;
use crate::keys::remote::shared::Confirmable;
use crate::keys::remote::shared::Ground;
use crate::keys::remote::shared::Shared;

/// A flight that is known to whoever asks next, and has not taken off. However it ends, it lands: were it forgotten,
/// requests would join it for ever.
#[must_use]
pub(super) struct Flight {
    shared: Arc<Shared>,
    number: u64,
    began: Duration,
    known: Option<Confirmable>,
    wanted: Wanted,
    /// Whether it may go to the issuer, and not only to the key store.
    is_paid: bool,
    has_landed: bool,
    /// Closed when this is dropped, after the landing.
    landing: watch::Sender<()>,
}

/// Where a flight is awaited.
pub(super) struct Landing(watch::Receiver<()>);

impl Shared {
    /// Under the same lock as the decision, because nobody could join a flight that is not known.
    pub(super) fn board(self: &Arc<Self>, ground: &mut Ground, began: Duration, number: u64, wanted: Wanted) -> Flight {
        let (landing, landed) = watch::channel(());
        ground.under_way.insert(number, landed);
        self.flights.store(ground.policy.flights(), Ordering::Release);
        let (known, is_paid) = (ground.confirmable.clone(), ground.policy.is_paid(number));
        Flight { shared: Arc::clone(self), number, began, known, wanted, is_paid, has_landed: false, landing }
    }
}

impl Flight {
    /// Starts the task. `None` outside of a runtime, where the flight has failed at once.
    pub(super) fn take_off(self) -> Option<Landing> {
        let Ok(runtime) = Handle::try_current() else {
            let _logged = self.land(Err(KeyError::new(KeyErrorKind::Aborted, OUTSIDE_OF_TOKIO)));
            return None;
        };
        let landing = Landing(self.landing.subscribe());
        drop(runtime.spawn(self.fly()));
        Some(landing)
    }

    async fn fly(self) {
        let shared = Arc::clone(&self.shared);
        if let Some(brought) = self.stored().await {
            let _logged = self.land(Ok(brought));
            return;
        }
        if !self.is_paid && !self.pay() {
            return self.end_denied();
        }
        let fetched = timeout(shared.settings.timeout, self.fetched()).await;
        let brought =
            fetched.unwrap_or_else(|_| Err(KeyError::of_fetch(&shared.location.issuer, &FetchError::Deadline)));
        let report = self.land(brought);
        let issuer = &shared.location.issuer;
        if let Some(store) = &shared.store
            && let Some(snapshot) = report.snapshot(&shared.location)
        {
            answer_of_store(issuer, store.put(&snapshot)).await;
        }
    }

    /// What the issuer answers. Where no keys are known yet, one that is just coming up is asked again soon, so that those
    /// who wait are served; who comes later is served by the next flight.
    async fn fetched(&self) -> Result<Brought, KeyError> {
        let shared = &self.shared;
        let is_cold = shared.landing() == 0 && shared.location.named_by == NamedBy::TheOperator;
        let mut pauses = PAUSES_AT_A_COLD_START.iter().take_while(|_| is_cold);
        let mut began = self.began;
        loop {
            let failed = match self.fetched_once().await {
                Err(error) if error.kind().may_pass_soon() => error,
                decided => return decided,
            };
            let has_failed_at_once = shared.clock.monotonic().saturating_sub(began) < AT_ONCE;
            let Some(pause) = pauses.next().filter(|_| has_failed_at_once) else {
                return Err(failed);
            };
            sleep(*pause).await;
            if !self.is_awaited() {
                return Err(failed);
            }
            tracing::debug!(issuer = shared.location.issuer, %failed, "the keys are asked for again");
            shared.lock().counters.failures += 1;
            meter::fetched(shared.location.label(), failed.kind().as_str());
            began = shared.clock.monotonic();
        }
    }

    async fn fetched_once(&self) -> Result<Brought, KeyError> {
        let shared = &self.shared;
        shared.lock().counters.fetches += 1;
        let asked_at = shared.clock.unix();
        let validators = self.known.as_ref().map(|known| &known.validators);
        let fetched = match self.wanted {
            Wanted::Fresh => shared.location.fetch(&*shared.fetch, validators).await?,
            Wanted::Newest => shared.location.fetch(&Revalidating(Arc::clone(&shared.fetch)), validators).await?,
        };
        shared.read(fetched, self.known.clone(), asked_at)
    }

    /// One receiver is for those who come next.
    fn is_awaited(&self) -> bool {
        self.landing.receiver_count() > 1
    }

    /// What another process has fetched, if it is fresh and newer than what is held.
    async fn stored(&self) -> Option<Brought> {
        let shared = &self.shared;
        let (store, issuer) =
            (shared.store.as_ref().filter(|_| self.wanted == Wanted::Fresh)?, &shared.location.issuer);
        let stored = answer_of_store(issuer, store.get(issuer)).await.flatten()?;
        if stored.issuer != *issuer {
            return log_failure(issuer, Err("it gave the keys of another issuer".into()));
        }
        let brought = log_failure(issuer, shared.read_stored(&stored).map_err(Into::into))?;
        // Another process has it because it was of use there.
        shared.confirm();
        let since = stored.fetched_since(shared.clock.unix())?;
        let held = shared.current.load().as_ref().and_then(|keys| keys.fetched_at);
        let is_news = held.is_none_or(|held| held < stored.fetched_at);
        if !is_news || !shared.lock().policy.is_fresh(stored.lifetime(), since) {
            return None;
        }
        Some(brought)
    }

    fn pay(&self) -> bool {
        let now = self.shared.clock.monotonic();
        let mut ground = self.shared.lock();
        let (paid, turns) = (ground.policy.pay(now, self.number), ground.policy.take_turns());
        drop(ground);
        turns.into_iter().for_each(Candidate::take_turn);
        paid.is_ok()
    }

    /// Nobody was asked, so there is nothing to take in.
    fn end_denied(mut self) {
        self.shared.lock().under_way.remove(&self.number);
        self.has_landed = true;
    }

    fn land(mut self, brought: Result<Brought, KeyError>) -> Report {
        let now = self.shared.clock.monotonic();
        let report = self.shared.land(now, self.number, brought);
        self.has_landed = true;
        let shared = Arc::clone(&self.shared);
        // Whoever waits need not wait for the log.
        drop(self);
        report.log(&shared);
        report
    }
}

async fn answer_of_store<T>(issuer: &str, asked: StoreFuture<'_, T>) -> Option<T> {
    log_failure(issuer, timeout(STORE_PATIENCE, asked).await.map_err(Into::into).flatten())
}

/// The failure of a store is a miss.
fn log_failure<T>(issuer: &str, outcome: Result<T, Box<dyn Error + Send + Sync>>) -> Option<T> {
    outcome.map_err(|error| tracing::warn!(issuer, %error, "the key store is of no use")).ok()
}

impl Drop for Flight {
    /// Asks neither the clock nor anybody else, because one of them may be what has panicked.
    fn drop(&mut self) {
        if !self.has_landed {
            let error = KeyError::new(KeyErrorKind::Aborted, "the fetch was broken off");
            let _unlogged = self.shared.land(self.began, self.number, Err(error));
        }
    }
}

impl Landing {
    pub(super) async fn awaited(mut self) {
        // An error is what is waited for: the flight has closed its channel.
        let _ = self.0.changed().await;
    }
}

impl From<watch::Receiver<()>> for Landing {
    fn from(landed: watch::Receiver<()>) -> Self {
        Self(landed)
    }
}

/// A start of a process beside its issuer, as in a pod, differs by about a second; together they leave time for an answer
/// within the two seconds that a request waits.
const PAUSES_AT_A_COLD_START: [Duration; 3] =
    [Duration::from_millis(100), Duration::from_millis(300), Duration::from_millis(700)];
/// A port that is closed answers at once; whoever takes longer is up, or behind a network that is not.
const AT_ONCE: Duration = Duration::from_millis(500);
const STORE_PATIENCE: Duration = Duration::from_millis(100);
const OUTSIDE_OF_TOKIO: &str = "keys are fetched on a tokio runtime, and there is none here";
