//! What a request gets: the keys at hand, or a flight to wait for.

use std::sync::Arc;
use std::sync::Weak;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::clock::Clock;
use crate::keys::Answer;
use crate::keys::Arrival;
use crate::keys::Ask;
use crate::keys::Cause;
use crate::keys::Done;
use crate::keys::Fetch;
use crate::keys::KeySettings;
use crate::keys::KeySnapshot;
use crate::keys::KeySource;
use crate::keys::KeyStatus;
use crate::keys::KeyStore;
use crate::keys::Keys;
use crate::keys::Location;
use crate::keys::NoKeys;
use crate::keys::meter;
use crate::keys::policy::Candidate;
use crate::keys::policy::Decision;
use crate::keys::policy::SharedBudget;
use crate::keys::policy::Wanted;
use crate::keys::remote::flight::Flight;
use crate::keys::remote::flight::Landing;
use crate::keys::remote::runtime::timeout;
use crate::keys::remote::shared::Ground;
use crate::keys::remote::shared::Shared;

/// Keys that are fetched from their issuer.
#[derive(Clone, Debug)]
pub(crate) struct RemoteKeys {
    /// Whose keys they are, to whoever asks here.
    issuer: Arc<str>,
    pub(super) shared: Arc<Shared>,
}

/// The same, as long as somebody needs them.
#[derive(Clone, Debug)]
pub(crate) struct WeakRemoteKeys {
    shared: Weak<Shared>,
}

impl RemoteKeys {
    pub(crate) fn new(
        location: Location,
        settings: KeySettings,
        fetch: Arc<dyn Fetch>,
        clock: Arc<dyn Clock>,
        store: Option<Arc<dyn KeyStore>>,
    ) -> Self {
        let issuer = location.issuer.as_str().into();
        Self { issuer, shared: Arc::new(Shared::new(location, settings, fetch, clock, store)) }
    }

    /// The same keys, as those of `issuer`.
    pub(crate) fn of(self, issuer: &str) -> Self {
        Self { issuer: issuer.into(), ..self }
    }

    pub(crate) fn downgrade(&self) -> WeakRemoteKeys {
        WeakRemoteKeys { shared: Arc::downgrade(&self.shared) }
    }

    /// Those of an issuer found at run time, which fetches out of `budget` too, where it is called `name`.
    pub(crate) fn sharing(self, budget: &SharedBudget, name: u64) -> Self {
        let candidate: Weak<Shared> = Arc::downgrade(&self.shared);
        let share = budget.share(name, candidate, self.shared.store.is_some());
        self.shared.lock().policy.share(share);
        self
    }

    /// Begins with keys that were saved, unless there are some; what is wrong with them is logged.
    pub(crate) fn seeded(self, snapshot: Option<&KeySnapshot>) -> Self {
        if let Some(snapshot) = snapshot
            && self.shared.landing() == 0
        {
            self.shared.seed(snapshot);
        }
        self
    }
}

impl WeakRemoteKeys {
    pub(crate) fn upgrade(&self) -> Option<RemoteKeys> {
        let shared = self.shared.upgrade()?;
        Some(RemoteKeys { issuer: shared.location.issuer.as_str().into(), shared })
    }

    pub(crate) fn are_needed(&self) -> bool {
        self.shared.strong_count() > 0
    }
}

impl KeySource for RemoteKeys {
    fn arrival(&self) -> Arrival {
        let flights = self.shared.flights.load(Ordering::Acquire);
        Arrival { at: self.shared.clock.monotonic(), flights }
    }

    fn fresh_generation(&self, arrival: Arrival) -> Option<u64> {
        self.shared.current.load().as_ref().filter(|keys| keys.are_fresh_for(arrival)).map(|keys| keys.generation)
    }

    fn keys(&self, ask: Ask) -> Answer {
        if let (Ask::Any(arrival), Some(keys)) = (ask, &*self.shared.current.load())
            && keys.are_fresh_for(arrival)
        {
            return Answer::Ready(Ok(Arc::clone(keys)));
        }
        let now = self.shared.clock.monotonic();
        let (Ask::Any(arrival) | Ask::Newer { arrival, .. }) = ask;
        let patience = self.shared.settings.wait.saturating_sub(now.saturating_sub(arrival.at));
        self.shared.decide(now, ask, patience)
    }

    fn is_fetched(&self) -> bool {
        true
    }

    fn confirm(&self) {
        self.shared.confirm();
    }

    fn ready(&self) -> Done {
        let arrival = self.arrival();
        match self.shared.decide(arrival.at, Ask::Any(arrival), Duration::MAX) {
            Answer::Ready(keys) => Box::pin(std::future::ready(keys.map(|_| ()))),
            Answer::Wait(wait) => Box::pin(async { wait.await.map(|_| ()) }),
        }
    }

    fn refresh(&self) -> Done {
        let shared = Arc::clone(&self.shared);
        let now = shared.clock.monotonic();
        let (flight, seen) = {
            let mut ground = shared.lock();
            let number = ground.policy.refresh(now);
            (shared.board(&mut ground, now, number, Wanted::Newest), shared.landing())
        };
        let landing = flight.take_off();
        Box::pin(async move {
            if let Some(landing) = landing {
                landing.awaited().await;
            }
            if shared.landing() > seen { Ok(()) } else { Err(shared.unavailable(None)) }
        })
    }

    fn snapshot(&self) -> Option<KeySnapshot> {
        self.shared.current.load().as_ref()?.snapshot(&self.issuer, self.shared.location.source())
    }

    fn status(&self) -> KeyStatus {
        let now = self.shared.clock.monotonic();
        let keys = self.shared.current.load_full();
        let ground = self.shared.lock();
        KeyStatus {
            issuer: self.issuer.to_string(),
            state: ground.policy.state(now),
            key_ids: keys.as_ref().map(|keys| keys.set.key_ids()).unwrap_or_default(),
            generation: keys.as_ref().map_or(0, |keys| keys.generation),
            age: keys.as_ref().map(|keys| now.saturating_sub(keys.landed_at).saturating_add(keys.age_then)),
            refresh_in: keys.as_ref().map(|keys| keys.refresh_at.saturating_sub(now)),
            last_error: ground.last_error.clone(),
            counters: ground.counters,
        }
    }
}

impl Shared {
    /// `patience` is how long the request would wait for a flight.
    fn decide(self: &Arc<Self>, now: Duration, ask: Ask, patience: Duration) -> Answer {
        let mut ground = self.lock();
        let decision = ground.policy.decide(now, ask);
        ground.count(ask, decision);
        let flight = match decision {
            Decision::ServeAndFetch(number) | Decision::FetchAndWait(number) => {
                Some(self.board(&mut ground, now, number, ask.wanted()))
            }
            Decision::Serve
            | Decision::Join(_)
            | Decision::NothingNewer
            | Decision::Denied
            | Decision::Undecided { .. }
            | Decision::Unavailable { .. }
            | Decision::Exhausted { .. } => None,
        };
        let turns = ground.policy.take_turns();
        let joined = if let Decision::Join(number) = decision { ground.under_way.get(&number).cloned() } else { None };
        drop(ground);
        if matches!(decision, Decision::Denied | Decision::Undecided { .. }) {
            meter::refetch_denied(self.location.label());
        }
        turns.into_iter().for_each(Candidate::take_turn);
        let started = flight.and_then(Flight::take_off);
        match decision {
            Decision::Serve | Decision::ServeAndFetch(_) => Answer::Ready(self.at_hand()),
            Decision::FetchAndWait(_) => self.wait_for(started, patience, ask),
            Decision::Join(_) => self.wait_for(joined.map(Landing::from), patience, ask),
            Decision::NothingNewer | Decision::Denied => Answer::Ready(Err(NoKeys::NothingNewer)),
            Decision::Undecided { copy_age, retry_after } => {
                Answer::Ready(Err(NoKeys::Undecided { copy_age, retry_after }))
            }
            Decision::Unavailable { retry_after } => Answer::Ready(Err(self.unavailable(Some(retry_after)))),
            Decision::Exhausted { retry_after } => Answer::Ready(Err(NoKeys::exhausted(retry_after))),
        }
    }

    /// An answer that is ready when the flight has landed, or when the request has waited long enough; at once if there
    /// is no flight any more.
    fn wait_for(self: &Arc<Self>, landing: Option<Landing>, patience: Duration, ask: Ask) -> Answer {
        let Some(landing) = landing else {
            return Answer::Ready(self.after_waiting(ask));
        };
        let shared = Arc::clone(self);
        Answer::Wait(Box::pin(async move {
            // Whether it landed or patience ended, what counts is what is there now.
            let _ = timeout(patience, landing.awaited()).await;
            shared.after_waiting(ask)
        }))
    }

    fn after_waiting(&self, ask: Ask) -> Result<Arc<Keys>, NoKeys> {
        match ask {
            Ask::Any(_) => self.at_hand(),
            Ask::Newer { seen, .. } if self.landing() > seen => self.at_hand(),
            // The refetch failed: a key that is there, and does not verify, is the token's own fault.
            Ask::Newer { cause: Cause::BadSignature, .. } => Err(NoKeys::NothingNewer),
            Ask::Newer { cause: Cause::UnknownKey, .. } => {
                Err(self.undecided().unwrap_or_else(|| self.unavailable(None)))
            }
        }
    }
}

impl Shared {
    /// Where the flight that was waited for was denied the issuer.
    fn undecided(&self) -> Option<NoKeys> {
        let now = self.clock.monotonic();
        let ground = self.lock();
        let (copy_age, retry_after) = (ground.policy.copy_age(now)?, ground.policy.is_denied_for(now)?);
        Some(NoKeys::Undecided { copy_age, retry_after })
    }
}

impl Candidate for Shared {
    fn take_turn(self: Arc<Self>) {
        let now = self.clock.monotonic();
        let mut ground = self.lock();
        let Some((number, wanted)) = ground.policy.take_turn(now) else { return };
        let flight = self.board(&mut ground, now, number, wanted);
        drop(ground);
        drop(flight.take_off());
    }
}

impl Ground {
    fn count(&mut self, ask: Ask, decision: Decision) {
        let Ask::Newer { .. } = ask else { return };
        match decision {
            Decision::FetchAndWait(_) => self.counters.refetches += 1,
            Decision::Denied
            | Decision::Undecided { .. }
            | Decision::Unavailable { .. }
            | Decision::Exhausted { .. } => self.counters.refetches_denied += 1,
            Decision::Serve | Decision::ServeAndFetch(_) | Decision::Join(_) | Decision::NothingNewer => {}
        }
    }
}
