//! What a fetch brought, put in place.

use std::hash::BuildHasher;
use std::hash::RandomState;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;

use crate::keys::KeyError;
use crate::keys::KeyErrorKind;
use crate::keys::KeySnapshot;
use crate::keys::Keys;
use crate::keys::discovery::Fetched;
use crate::keys::discovery::Validators;
use crate::keys::freshness;
use crate::keys::policy::Landed;
use crate::keys::policy::Outcome;
use crate::keys::remote::report::Report;
use crate::keys::remote::shared::Confirmable;
use crate::keys::remote::shared::Ground;
use crate::keys::remote::shared::Shared;
use crate::keys::set::KeySet;

/// Keys, new or confirmed.
pub(super) struct Brought {
    set: Arc<KeySet>,
    outcome: Outcome,
    validators: Option<Validators>,
    /// Seconds since 1970, where that may be known to others.
    fetched_at: Option<u64>,
}

impl Shared {
    /// `known` is the set whose validators were sent; only that can be confirmed. `asked_at` is in the time since 1970.
    pub(super) fn read(
        &self,
        fetched: Fetched,
        known: Option<Confirmable>,
        asked_at: Option<Duration>,
    ) -> Result<Brought, KeyError> {
        match (fetched, known) {
            (Fetched::Keys { text, headers, validators }, _) => {
                let set = KeySet::read(&text, self.settings.max_keys).map_err(KeyError::of_key_set)?;
                Ok(Brought::from_issuer(Arc::new(set), &headers, validators, asked_at))
            }
            (Fetched::Unchanged { headers }, Some(Confirmable { validators, set })) => {
                Ok(Brought::from_issuer(set, &headers, Some(validators), asked_at))
            }
            (Fetched::Unchanged { .. }, None) => {
                Err(KeyError::new(KeyErrorKind::Status, "unchanged, but nothing was to be confirmed"))
            }
        }
    }

    /// Keys that were saved, or that another process has fetched.
    ///
    /// # Errors
    ///
    /// What is wrong with them.
    pub(super) fn read_stored(&self, stored: &KeySnapshot) -> Result<Brought, String> {
        if stored.source.as_deref() != self.location.source() {
            return Err("they are from another address".to_owned());
        }
        let set = KeySet::read(&stored.jwks, self.settings.max_keys).map_err(|error| error.to_string())?;
        let since = stored.fetched_since(self.clock.unix()).ok_or("the time is not known")?;
        let outcome = Outcome::Stored { lifetime: stored.lifetime(), since, age: Duration::from_secs(stored.age) };
        Ok(Brought { set: Arc::new(set), outcome, validators: None, fetched_at: Some(stored.fetched_at) })
    }

    /// Puts saved keys in place, if there are none; logs them, or why they are of no use.
    pub(super) fn seed(&self, stored: &KeySnapshot) {
        let issuer = self.location.issuer.as_str();
        let brought = match self.read_stored(stored) {
            Ok(brought) => brought,
            Err(why) => return tracing::warn!(issuer, why, "a key snapshot is not used"),
        };
        // Who is saved there has served before.
        self.confirm();
        let (now, Outcome::Stored { lifetime, since, age }) = (self.clock.monotonic(), brought.outcome) else { return };
        let mut ground = self.lock();
        let report = match ground.policy.seed(now, lifetime, since, age, jitter()) {
            Some(landed) => self.place(&mut ground, brought, landed, now),
            None => return tracing::warn!(issuer, "a key snapshot is too old"),
        };
        drop(ground);
        report.log(self);
    }

    pub(super) fn land(&self, now: Duration, number: u64, brought: Result<Brought, KeyError>) -> Report {
        let mut ground = self.lock();
        let outcome = brought.as_ref().map_or(Outcome::Failed, |brought| brought.outcome);
        let landed = ground.policy.land(now, number, outcome, jitter());
        ground.under_way.remove(&number);
        ground.counters.failures += u64::from(brought.is_err());
        match (landed, brought) {
            (landed @ Landed::Swap { .. }, Ok(brought)) => self.place(&mut ground, brought, landed, now),
            (Landed::Keep | Landed::Swap { .. }, Err(error)) => {
                ground.last_error = Some(error.clone());
                let worrying = ground.policy.is_worryingly_stale(now);
                let is_known = ground.policy.is_known();
                let loudness = ground.outage.failed(error.kind(), worrying, is_known);
                Report::Failed { error, worrying, loudness }
            }
            (Landed::Outdated, _) | (Landed::Keep, Ok(_)) => Report::Nothing,
        }
    }

    /// Under the lock, so that swaps come in the order of their landings.
    fn place(&self, ground: &mut Ground, brought: Brought, landed: Landed, now: Duration) -> Report {
        let Landed::Swap { landing, refresh_at, lifetime } = landed else { return Report::Nothing };
        let Brought { set, outcome, validators, fetched_at } = brought;
        let before = self.current.load_full();
        let generation = match &before {
            Some(before) if before.set.same_keys(&set) => before.generation,
            Some(before) => before.generation + 1,
            None => 1,
        };
        ground.confirmable = validators.map(|validators| Confirmable { validators, set: Arc::clone(&set) });
        ground.last_error = None;
        let (age_then, cached_for) = match outcome {
            Outcome::Keys { age, .. } => (Duration::ZERO, age),
            Outcome::Stored { since, age, .. } => (since, age),
            Outcome::Failed => (Duration::ZERO, Duration::ZERO),
        };
        let landed_at = now;
        let keys = Keys { set, generation, landing, landed_at, age_then, cached_for, fetched_at, lifetime, refresh_at };
        let keys = Arc::new(keys);
        self.current.store(Some(Arc::clone(&keys)));
        Report::Placed { before, now: keys, ends_outage: ground.outage.end() }
    }
}

impl Brought {
    fn from_issuer(
        set: Arc<KeySet>,
        headers: &HeaderMap,
        validators: Option<Validators>,
        asked_at: Option<Duration>,
    ) -> Self {
        let outcome = Outcome::Keys { lifetime: freshness::lifetime(headers), age: freshness::age(headers) };
        let fetched_at = asked_at.filter(|_| freshness::is_storable(headers)).map(|unix| unix.as_secs());
        Self { set, outcome, validators, fetched_at }
    }
}

/// A number from 0 to 1. It spreads fetches and keeps no secret, so the keys of a hash map are random enough.
fn jitter() -> f64 {
    f64::from(RandomState::new().hash_one(()) as u32) / f64::from(u32::MAX)
}
