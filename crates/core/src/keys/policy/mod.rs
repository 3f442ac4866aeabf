//! When keys are fetched: a pure function of state and time.
//!
//! No I/O, no clock and no randomness of its own, so all of it is tested under virtual time. Deciding changes the
//! state, because paying from a budget is part of the decision; one budget is state that several issuers have together.
//! Times are those of the monotonic clock.

use std::sync::Arc;
use std::time::Duration;

use crate::keys::Ask;
use crate::keys::KeySettings;
use crate::keys::KeyState;
use crate::keys::policy::bucket::Bucket;

mod bucket;
mod decision;
mod shared_budget;
mod sharing;

pub(crate) use decision::Cause;
pub(crate) use decision::Decision;
pub(crate) use decision::Landed;
pub(crate) use decision::Outcome;
pub(crate) use decision::Wanted;
pub(crate) use shared_budget::Candidate;
pub(crate) use shared_budget::Share;
pub(crate) use shared_budget::SharedBudget;

/// The state of one issuer's keys, as far as fetching goes.
#[derive(Debug)]
pub(crate) struct Policy {
    settings: KeySettings,
    held: Option<Held>,
    /// Under way, oldest first.
    flights: Vec<Flight>,
    last_flight: u64,
    landings: u64,
    /// In a row, until now.
    failures: u32,
    failed_at: Duration,
    retry_at: Duration,
    first_backoff: Duration,
    unknown_keys: Bucket,
    bad_signatures: Bucket,
    /// Of an issuer found at run time.
    share: Option<Share>,
    /// Who may fetch in its place.
    turns: Vec<Arc<dyn Candidate>>,
    /// Until when a flight was denied the issuer.
    denied_until: Duration,
}

#[derive(Clone, Copy, Debug)]
struct Flight {
    number: u64,
    began: Duration,
    wanted: Wanted,
    /// Whether it may go to the issuer, and not only to the key store.
    is_paid: bool,
}

/// Which state of what the issuer publishes the keys at hand are a copy of.
#[derive(Clone, Copy, Debug)]
struct KeyCopy {
    /// What brought it.
    flight: Flight,
    /// How old it was when that began.
    age: Duration,
    /// Whether nobody stood between: neither a cache nor another process.
    is_from_issuer: bool,
}

/// The keys at hand.
#[derive(Clone, Copy, Debug)]
struct Held {
    copy: KeyCopy,
    refresh_at: Duration,
    expires_at: Duration,
    stale_until: Duration,
}

impl Policy {
    pub(crate) fn new(settings: KeySettings) -> Self {
        Self {
            held: None,
            flights: Vec::new(),
            last_flight: 0,
            landings: 0,
            failures: 0,
            failed_at: Duration::ZERO,
            retry_at: Duration::ZERO,
            first_backoff: MIN_BACKOFF,
            unknown_keys: Bucket::new(settings.refetch_budget, settings.refetch_interval),
            bad_signatures: Bucket::new(BAD_SIGNATURE_BUDGET, BAD_SIGNATURE_INTERVAL),
            share: None,
            turns: Vec::new(),
            denied_until: Duration::ZERO,
            settings,
        }
    }

    /// What a request gets that asks now.
    pub(crate) fn decide(&mut self, now: Duration, ask: Ask) -> Decision {
        match (ask, self.held) {
            (_, None) => self.without_keys(now, ask.wanted()),
            (_, Some(held)) if now >= held.stale_until => self.without_keys(now, ask.wanted()),
            (Ask::Any(_), Some(held)) => self.with_keys(now, held),
            (Ask::Newer { seen, .. }, Some(_)) if self.landings > seen => Decision::Serve,
            (Ask::Newer { arrival, cause, .. }, Some(held)) => {
                let KeyCopy { flight, is_from_issuer, .. } = held.copy;
                match (flight.number > arrival.flights, flight.wanted) {
                    (true, _) if is_from_issuer => Decision::NothingNewer,
                    // A cache has answered though it was not to: one refetch for a request is enough.
                    (true, Wanted::Newest) => held.copy.undecided(now, cause, self.budget(cause).next_refill_in(now)),
                    (true, Wanted::Fresh) | (false, _) => self.newer(now, cause, held.copy),
                }
            }
        }
    }

    /// A flight that an operator asks for, whatever the age of the keys and without a budget.
    pub(crate) fn refresh(&mut self, now: Duration) -> u64 {
        self.number(now, Wanted::Newest)
    }

    /// How old what the keys at hand are a copy of is.
    pub(crate) fn copy_age(&self, now: Duration) -> Option<Duration> {
        self.held.map(|held| held.copy.age_at(now))
    }

    /// How many flights have begun so far.
    pub(crate) fn flights(&self) -> u64 {
        self.last_flight
    }

    /// Takes in what a flight brought. `jitter` is a random number from 0 to 1.
    pub(crate) fn land(&mut self, now: Duration, number: u64, outcome: Outcome, jitter: f64) -> Landed {
        let Some(at) = self.flights.iter().position(|flight| flight.number == number) else {
            return Landed::Outdated;
        };
        let flight = self.flights.remove(at);
        if self.held.is_some_and(|held| held.copy.flight.number > number) {
            return Landed::Outdated;
        }
        match outcome {
            Outcome::Failed => {
                self.failures = self.failures.saturating_add(1);
                self.failed_at = now;
                self.retry_at = now.saturating_add(self.backoff(jitter));
                Landed::Keep
            }
            Outcome::Keys { lifetime, age } => {
                let KeySettings { default_lifetime, min_lifetime, max_lifetime, .. } = self.settings;
                let lifetime = lifetime.unwrap_or(default_lifetime).clamp(min_lifetime, max_lifetime);
                self.hold(now, KeyCopy { flight, age, is_from_issuer: age.is_zero() }, lifetime, Duration::ZERO, jitter)
            }
            Outcome::Stored { lifetime, since, age } => {
                self.hold(now, KeyCopy::stored(now, flight, since.saturating_add(age)), lifetime, since, jitter)
            }
        }
    }

    /// Takes in keys that were saved: they serve as if they had been fetched `since` ago, when they were of this `age`.
    /// `None` if that is too long.
    pub(crate) fn seed(
        &mut self,
        now: Duration,
        lifetime: Duration,
        since: Duration,
        age: Duration,
        jitter: f64,
    ) -> Option<Landed> {
        let too_old = since >= self.capped(lifetime).saturating_add(self.settings.max_stale);
        let flight = Flight { number: NO_FLIGHT, began: now, wanted: Wanted::Fresh, is_paid: true };
        let copy = KeyCopy::stored(now, flight, since.saturating_add(age));
        (!too_old).then(|| self.hold(now, copy, lifetime, since, jitter))
    }

    /// Whether keys that were fetched `age` ago need no refresh yet.
    pub(crate) fn is_fresh(&self, lifetime: Duration, age: Duration) -> bool {
        age < self.capped(lifetime).mul_f64(REFRESH_FROM)
    }

    /// How things stand.
    pub(crate) fn state(&self, now: Duration) -> KeyState {
        match self.held {
            None => KeyState::Empty,
            Some(held) if now >= held.stale_until => KeyState::Expired,
            Some(held) if now >= held.expires_at => KeyState::Stale,
            Some(_) if !self.flights.is_empty() => KeyState::Refreshing,
            Some(_) => KeyState::Fresh,
        }
    }

    /// Whether the keys that landed last may still be used.
    pub(crate) fn may_serve(&self, now: Duration) -> bool {
        self.held.is_some_and(|held| now < held.stale_until)
    }

    /// Whether the keys have served past half of what they may while fetches fail.
    pub(crate) fn is_worryingly_stale(&self, now: Duration) -> bool {
        self.held.is_some_and(|held| now >= held.expires_at.saturating_add(self.settings.max_stale / 2))
    }

    /// How long until the next try makes sense.
    pub(crate) fn retry_after(&self, now: Duration) -> Duration {
        self.retry_at.saturating_sub(now).max(MIN_BACKOFF)
    }

    fn without_keys(&mut self, now: Duration, wanted: Wanted) -> Decision {
        if let Some(flight) = self.flights.last() {
            return Decision::Join(flight.number);
        }
        if self.in_backoff(now) {
            return Decision::Unavailable { retry_after: self.retry_after(now) };
        }
        match self.start(now, wanted) {
            Ok(flight) => Decision::FetchAndWait(flight),
            Err(retry_after) => Decision::Exhausted { retry_after },
        }
    }

    fn with_keys(&mut self, now: Duration, held: Held) -> Decision {
        let tried_since = self.failures > 0 && self.failed_at >= held.expires_at;
        let idle_past_its_lifetime = now >= held.expires_at && !tried_since;
        match self.flights.last() {
            Some(flight) if idle_past_its_lifetime => Decision::Join(flight.number),
            Some(_) => Decision::Serve,
            None if now < held.refresh_at || self.in_backoff(now) => Decision::Serve,
            None => match self.start(now, Wanted::Fresh) {
                Ok(flight) if idle_past_its_lifetime => Decision::FetchAndWait(flight),
                Ok(flight) => Decision::ServeAndFetch(flight),
                Err(_) => Decision::Serve,
            },
        }
    }

    fn newer(&mut self, now: Duration, cause: Cause, copy: KeyCopy) -> Decision {
        // Free, even if it began too early to count: should it not bring the key, the request asks again.
        if let Some(flight) = self.flights.last() {
            return Decision::Join(flight.number);
        }
        let refilled_in = self.budget(cause).refilled_in(now);
        match cause {
            Cause::BadSignature if self.in_backoff(now) => return Decision::Denied,
            Cause::UnknownKey if self.in_backoff(now) => {
                return Decision::Unavailable { retry_after: self.retry_after(now).max(refilled_in) };
            }
            Cause::BadSignature | Cause::UnknownKey => {}
        }
        if !refilled_in.is_zero() {
            return copy.undecided(now, cause, refilled_in);
        }
        match self.start(now, Wanted::Newest) {
            Ok(flight) => {
                // Only now: what the shared budget denies costs the issuer's own nothing.
                self.budget(cause).take(now);
                Decision::FetchAndWait(flight)
            }
            Err(retry_after) => copy.undecided(now, cause, retry_after),
        }
    }

    fn budget(&mut self, cause: Cause) -> &mut Bucket {
        match cause {
            Cause::UnknownKey => &mut self.unknown_keys,
            Cause::BadSignature => &mut self.bad_signatures,
        }
    }

    /// `since` is how long ago the lifetime began.
    fn hold(&mut self, now: Duration, copy: KeyCopy, lifetime: Duration, since: Duration, jitter: f64) -> Landed {
        let lifetime = self.capped(lifetime);
        let from_fetch = |after: Duration| now.saturating_add(after).saturating_sub(since);
        let refresh_at = from_fetch(lifetime.mul_f64(REFRESH_FROM * (0.9 + 0.2 * jitter)));
        let expires_at = from_fetch(lifetime);
        let stale_until = from_fetch(lifetime.saturating_add(self.settings.max_stale));
        self.held = Some(Held { copy, refresh_at, expires_at, stale_until });
        self.failures = 0;
        self.retry_at = Duration::ZERO;
        self.landings += 1;
        Landed::Swap { landing: self.landings, refresh_at, lifetime }
    }

    fn number(&mut self, now: Duration, wanted: Wanted) -> u64 {
        self.last_flight += 1;
        self.flights.push(Flight { number: self.last_flight, began: now, wanted, is_paid: true });
        self.last_flight
    }

    /// A stored lifetime is no authority over the longest that is configured.
    fn capped(&self, lifetime: Duration) -> Duration {
        lifetime.min(self.settings.max_lifetime)
    }

    fn in_backoff(&self, now: Duration) -> bool {
        self.failures > 0 && now < self.retry_at
    }

    fn backoff(&self, jitter: f64) -> Duration {
        let doublings = self.failures.saturating_sub(1).min(16);
        let doubled = (self.first_backoff * 2_u32.pow(doublings)).min(MAX_BACKOFF);
        doubled.mul_f64(0.8 + 0.4 * jitter).clamp(self.first_backoff, MAX_BACKOFF)
    }
}

impl KeyCopy {
    fn stored(now: Duration, flight: Flight, age: Duration) -> Self {
        Self { flight: Flight { began: now, ..flight }, age, is_from_issuer: false }
    }

    /// What a token gets whose key is not there, while the issuer cannot be asked for `retry_after`.
    fn undecided(self, now: Duration, cause: Cause, retry_after: Duration) -> Decision {
        match cause {
            Cause::BadSignature => Decision::Denied,
            Cause::UnknownKey => Decision::Undecided { copy_age: self.age_at(now), retry_after },
        }
    }

    fn age_at(self, now: Duration) -> Duration {
        now.saturating_sub(self.flight.began).saturating_add(self.age)
    }
}

/// Flights are numbered from one.
const NO_FLIGHT: u64 = 0;
const REFRESH_FROM: f64 = 0.8;
const MIN_BACKOFF: Duration = Duration::from_secs(1);
const MAX_BACKOFF: Duration = Duration::from_secs(60);
const BAD_SIGNATURE_BUDGET: u32 = 1;
const BAD_SIGNATURE_INTERVAL: Duration = Duration::from_secs(300);

#[cfg(test)]
mod tests;
