//! What a fetch brought, put in place.

use std::hash::BuildHasher;
use std::hash::RandomState;
use std::sync::Arc;
use std::time::Duration;

use crate::error::Excerpt;
use crate::keys::KeyError;
use crate::keys::KeyErrorKind;
use crate::keys::Keys;
use crate::keys::discovery::Fetched;
use crate::keys::discovery::Validators;
use crate::keys::freshness;
use crate::keys::policy::Landed;
use crate::keys::policy::Outcome;
use crate::keys::remote::source::Ground;
use crate::keys::remote::source::Shared;
use crate::keys::set::KeySet;

/// A set that the issuer can confirm without sending it again.
#[derive(Clone, Debug)]
pub(super) struct Confirmable {
    pub(super) validators: Validators,
    pub(super) set: Arc<KeySet>,
}

/// Keys, new or confirmed.
pub(super) struct Brought {
    set: Arc<KeySet>,
    lifetime: Option<Duration>,
    validators: Option<Validators>,
}

/// What is to be logged when the lock is released.
#[must_use]
pub(super) enum Report {
    Nothing,
    Placed { before: Option<Arc<Keys>>, now: Arc<Keys> },
    Failed { error: KeyError, worrying: bool },
}

impl Shared {
    /// `known` is the set whose validators were sent; only that can be confirmed.
    pub(super) fn read(&self, fetched: Fetched, known: Option<Confirmable>) -> Result<Brought, KeyError> {
        match (fetched, known) {
            (Fetched::Keys { text, headers, validators }, _) => {
                let set = KeySet::read(&text, self.settings.max_keys)
                    .map_err(|error| KeyError::new(KeyErrorKind::KeySet, error.to_string()))?;
                Ok(Brought { set: Arc::new(set), lifetime: freshness::lifetime(&headers), validators })
            }
            (Fetched::Unchanged { headers }, Some(Confirmable { validators, set })) => {
                Ok(Brought { set, lifetime: freshness::lifetime(&headers), validators: Some(validators) })
            }
            (Fetched::Unchanged { .. }, None) => {
                Err(KeyError::new(KeyErrorKind::Status, "unchanged, but nothing was to be confirmed"))
            }
        }
    }

    pub(super) fn land(&self, now: Duration, number: u64, brought: Result<Brought, KeyError>) -> Report {
        let mut ground = self.lock();
        let outcome = match &brought {
            Ok(Brought { lifetime, .. }) => Outcome::Keys { lifetime: *lifetime },
            Err(_) => Outcome::Failed,
        };
        let landed = ground.policy.land(now, number, outcome, jitter());
        ground.under_way.remove(&number);
        ground.counters.failures += u64::from(brought.is_err());
        match (landed, brought) {
            (Landed::Swap { landing, refresh_at }, Ok(brought)) => {
                self.place(&mut ground, brought, landing, now, refresh_at)
            }
            (Landed::Keep | Landed::Swap { .. }, Err(error)) => {
                ground.last_error = Some(error.clone());
                Report::Failed { error, worrying: ground.policy.is_worryingly_stale(now) }
            }
            (Landed::Outdated, _) | (Landed::Keep, Ok(_)) => Report::Nothing,
        }
    }

    /// Under the lock, so that swaps come in the order of their landings.
    fn place(
        &self,
        ground: &mut Ground,
        brought: Brought,
        landing: u64,
        now: Duration,
        refresh_at: Duration,
    ) -> Report {
        let Brought { set, validators, .. } = brought;
        let before = self.current.load_full();
        let generation = match &before {
            Some(before) if before.set.same_keys(&set) => before.generation,
            Some(before) => before.generation + 1,
            None => 1,
        };
        ground.confirmable = validators.map(|validators| Confirmable { validators, set: Arc::clone(&set) });
        ground.last_error = None;
        let keys = Arc::new(Keys { set, generation, landing, landed_at: now, refresh_at });
        self.current.store(Some(Arc::clone(&keys)));
        Report::Placed { before, now: keys }
    }
}

impl Report {
    pub(super) fn log(self, issuer: &str) {
        match self {
            Self::Nothing => {}
            Self::Placed { before, now } => {
                now.set.log_skipped(issuer, before.as_ref().map(|before| &*before.set));
                if before.is_none_or(|before| before.generation != now.generation) {
                    let key_ids: Vec<_> = now.set.key_ids().iter().map(|key_id| Excerpt::of(key_id)).collect();
                    tracing::info!(issuer, generation = now.generation, ?key_ids, "the key set has changed");
                }
            }
            Self::Failed { error, worrying } => {
                let kind = error.kind().as_str();
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
