//! What the requests and fetches of one issuer share.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::PoisonError;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::clock::Clock;
use crate::keys::Fetch;
use crate::keys::KeyCounters;
use crate::keys::KeyError;
use crate::keys::KeySettings;
use crate::keys::KeyStore;
use crate::keys::Keys;
use crate::keys::Location;
use crate::keys::NoKeys;
use crate::keys::discovery::Validators;
use crate::keys::policy::Policy;
use crate::keys::remote::outage::Outage;
use crate::keys::remote::runtime::ArcSwapOption;
use crate::keys::remote::runtime::AtomicU64;
use crate::keys::remote::runtime::Mutex;
use crate::keys::remote::runtime::MutexGuard;
use crate::keys::remote::runtime::watch;
use crate::keys::set::KeySet;
use crate::keys::skipped::SkippedLog;

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) location: Location,
    pub(super) settings: KeySettings,
    pub(super) fetch: Arc<dyn Fetch>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) store: Option<Arc<dyn KeyStore>>,
    pub(super) current: ArcSwapOption<Keys>,
    /// [`Policy::flights`], to be read without the lock.
    pub(super) flights: AtomicU64,
    pub(super) skipped: SkippedLog,
    /// Whether a signature was verified by the keys; changes once.
    pub(super) is_confirmed: AtomicBool,
    pub(super) ground: Mutex<Ground>,
}

/// What stands behind the mutex.
#[derive(Debug)]
pub(super) struct Ground {
    pub(super) policy: Policy,
    /// A channel for each flight, closed when it has landed.
    pub(super) under_way: HashMap<u64, watch::Receiver<()>>,
    pub(super) confirmable: Option<Confirmable>,
    pub(super) last_error: Option<KeyError>,
    pub(super) outage: Outage,
    pub(super) counters: KeyCounters,
}

/// A set that the issuer can confirm without sending it again.
#[derive(Clone, Debug)]
pub(super) struct Confirmable {
    pub(super) validators: Validators,
    pub(super) set: Arc<KeySet>,
}

impl Shared {
    pub(super) fn new(
        location: Location,
        settings: KeySettings,
        fetch: Arc<dyn Fetch>,
        clock: Arc<dyn Clock>,
        store: Option<Arc<dyn KeyStore>>,
    ) -> Self {
        let ground = Ground {
            policy: Policy::new(settings.clone()),
            under_way: HashMap::new(),
            confirmable: None,
            last_error: None,
            outage: Outage::default(),
            counters: KeyCounters::default(),
        };
        let (current, flights, ground) = (ArcSwapOption::empty(), AtomicU64::new(0), Mutex::new(ground));
        let (skipped, is_confirmed) = (SkippedLog::default(), AtomicBool::new(false));
        Self { location, settings, fetch, clock, store, current, flights, skipped, is_confirmed, ground }
    }

    pub(super) fn at_hand(&self) -> Result<Arc<Keys>, NoKeys> {
        let now = self.clock.monotonic();
        let usable = self.lock().policy.may_serve(now);
        self.current.load_full().filter(|_| usable).ok_or_else(|| self.unavailable(None))
    }

    pub(super) fn landing(&self) -> u64 {
        self.current.load().as_ref().map_or(0, |keys| keys.landing)
    }

    /// `retry_after` where the decision told it, or until the next try that a failure allows.
    pub(super) fn unavailable(&self, retry_after: Option<Duration>) -> NoKeys {
        let now = self.clock.monotonic();
        let ground = self.lock();
        if let (None, Some(retry_after)) = (&ground.last_error, ground.policy.is_denied_for(now)) {
            return NoKeys::exhausted(retry_after);
        }
        let retry_after = retry_after.unwrap_or_else(|| ground.policy.retry_after(now));
        let kind = ground.last_error.as_ref().map(KeyError::kind);
        let cause = ground.last_error.as_ref().map_or_else(|| NOT_IN_TIME.to_owned(), ToString::to_string);
        NoKeys::Unavailable { retry_after, kind, cause }
    }

    pub(super) fn confirm(&self) {
        // Read first, because most find it done, and a write would take the line from every other thread.
        if !self.is_confirmed.load(Ordering::Relaxed) {
            self.is_confirmed.store(true, Ordering::Relaxed);
            self.lock().policy.confirm();
        }
    }

    /// A panic under the lock leaves a state that is still sound: each change of it is one call.
    pub(super) fn lock(&self) -> MutexGuard<'_, Ground> {
        self.ground.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const NOT_IN_TIME: &str = "no answer within the time that a request waits";
