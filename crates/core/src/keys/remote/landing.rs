//! What a fetch brought, put in place.

use std::hash::BuildHasher;
use std::hash::RandomState;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;

use crate::error::Excerpt;
use crate::keys::KeyError;
use crate::keys::KeyErrorKind;
use crate::keys::KeySnapshot;
use crate::keys::Keys;
use crate::keys::Location;
use crate::keys::discovery::Fetched;
use crate::keys::discovery::Validators;
use crate::keys::freshness;
use crate::keys::meter;
use crate::keys::policy::Landed;
use crate::keys::policy::Outcome;
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

/// What is to be logged when the lock is released.
#[must_use]
pub(super) enum Report {
    Nothing,
    Placed { before: Option<Arc<Keys>>, now: Arc<Keys> },
    Failed { error: KeyError, worrying: bool },
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
                Report::Failed { error, worrying: ground.policy.is_worryingly_stale(now) }
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
        Report::Placed { before, now: keys }
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

impl Report {
    /// What is worth keeping for others.
    pub(super) fn snapshot(&self, location: &Location) -> Option<KeySnapshot> {
        match self {
            Self::Placed { now, .. } => now.snapshot(&location.issuer, location.source()),
            Self::Nothing | Self::Failed { .. } => None,
        }
    }

    pub(super) fn log(&self, shared: &Shared) {
        let (issuer, label) = (shared.location.issuer.as_str(), shared.location.label());
        match self {
            Self::Nothing => {}
            Self::Placed { before, now } => {
                meter::fetched(label, "ok");
                tracing::debug!(issuer, generation = now.generation, "the keys were fetched");
                let set_before = before.as_ref().map(|before| &*before.set);
                shared.skipped.log(issuer, now.set.skipped());
                for key_id in set_before.into_iter().flat_map(|before| now.set.reused_key_ids(before)) {
                    let key_id = Excerpt::of(key_id);
                    tracing::warn!(issuer, %key_id, "the issuer has given another key the name of an old one");
                }
                if before.as_ref().is_none_or(|before| before.generation != now.generation) {
                    let key_ids: Vec<_> = now.set.key_ids().iter().map(|key_id| Excerpt::of(key_id)).collect();
                    tracing::info!(issuer, generation = now.generation, ?key_ids, "the key set has changed");
                }
            }
            Self::Failed { error, worrying } => {
                let kind = error.kind().as_str();
                meter::fetched(label, kind);
                if !error.skipped().is_empty() {
                    shared.skipped.log(issuer, error.skipped());
                }
                if error.kind() == KeyErrorKind::IssuerMismatch {
                    tracing::error!(issuer, kind, %error, worrying, "the configured issuer is not the one found");
                } else {
                    tracing::warn!(issuer, kind, %error, worrying, "the keys could not be fetched");
                }
            }
        }
    }
}

/// A number from 0 to 1. It spreads fetches and keeps no secret, so the keys of a hash map are random enough.
fn jitter() -> f64 {
    f64::from(RandomState::new().hash_one(()) as u32) / f64::from(u32::MAX)
}
