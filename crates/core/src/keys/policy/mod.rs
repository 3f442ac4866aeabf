//! When keys are fetched: a pure function of state and time.
//!
//! No I/O, no clock and no randomness of its own, so all of it is tested under virtual time. Deciding changes the
//! state, because paying from a budget is part of the decision; one budget is state that several issuers have together.
//! Times are those of the monotonic clock.

use std::time::Duration;

use crate::keys::Ask;
use crate::keys::KeySettings;
use crate::keys::KeyState;
use crate::keys::policy::bucket::Bucket;

mod bucket;

pub(crate) use bucket::SharedBudget;

/// What a refetch is for; each has a budget of its own.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Cause {
    /// The token names a key that was not there.
    UnknownKey,
    /// The key that the token names does not verify it.
    BadSignature,
}

/// What a request gets. Flights are named by their number.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Decision {
    /// The keys at hand.
    Serve,
    /// The keys at hand; and this flight starts behind it.
    ServeAndFetch(u64),
    /// This flight starts, and the request waits for it.
    FetchAndWait(u64),
    /// The request waits for this flight, which is under way.
    Join(u64),
    /// Nothing newer than what it saw: the token stands or falls with that.
    NothingNewer,
    /// The same, because nobody is asked: the budget is empty, or the last try has just failed.
    Denied,
    /// No keys, and not the token's fault.
    Unavailable { retry_after: Duration },
    /// The same, because nobody is asked: issuers found at run time have used up what they may fetch together.
    Exhausted { retry_after: Duration },
}

/// What a flight brought.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Outcome {
    /// Keys, new or confirmed, and how long the answer says that they are fresh.
    Keys { lifetime: Option<Duration> },
    /// Keys that somebody fetched this long ago, and how long they were fresh from then on.
    Stored { lifetime: Duration, age: Duration },
    /// Nothing.
    Failed,
}

/// What to do with what a flight brought.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Landed {
    /// Put the keys in place, with this landing number, until this time; and how long they are fresh from when they
    /// were fetched.
    Swap { landing: u64, refresh_at: Duration, lifetime: Duration },
    /// Leave everything: the flight failed.
    Keep,
    /// Forget the flight: a younger one has landed before, so whatever this one brought is old.
    Outdated,
}

/// The state of one issuer's keys, as far as fetching goes.
#[derive(Debug)]
pub(crate) struct Policy {
    settings: KeySettings,
    held: Option<Held>,
    /// Under way, oldest first.
    flights: Vec<u64>,
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
    shared: Option<SharedBudget>,
}

#[derive(Clone, Copy, Debug)]
struct Held {
    /// The flight that brought them.
    flight: u64,
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
            shared: None,
            settings,
        }
    }

    /// From now on that of an issuer found at run time: what it fetches comes out of `budget` too, and after a failure
    /// nobody is asked for the longest back-off.
    pub(crate) fn share(&mut self, budget: SharedBudget) {
        self.shared = Some(budget);
        self.first_backoff = MAX_BACKOFF;
    }

    /// What a request gets that asks now.
    pub(crate) fn decide(&mut self, now: Duration, ask: Ask) -> Decision {
        match (ask, self.held) {
            (_, None) => self.without_keys(now),
            (_, Some(held)) if now >= held.stale_until => self.without_keys(now),
            (Ask::Any(_), Some(held)) => self.with_keys(now, held),
            (Ask::Newer { seen, arrival, cause }, Some(held)) => {
                if self.landings > seen {
                    Decision::Serve
                } else if held.flight > arrival.flights {
                    Decision::NothingNewer
                } else {
                    self.newer(now, cause)
                }
            }
        }
    }

    /// A flight that an operator asks for, whatever the age of the keys and without a budget.
    pub(crate) fn refresh(&mut self) -> u64 {
        self.number()
    }

    /// How many flights have begun so far.
    pub(crate) fn flights(&self) -> u64 {
        self.last_flight
    }

    /// Takes in what a flight brought. `jitter` is a random number from 0 to 1.
    pub(crate) fn land(&mut self, now: Duration, number: u64, outcome: Outcome, jitter: f64) -> Landed {
        let Some(at) = self.flights.iter().position(|flight| *flight == number) else {
            return Landed::Outdated;
        };
        self.flights.remove(at);
        if self.held.is_some_and(|held| held.flight > number) {
            return Landed::Outdated;
        }
        match outcome {
            Outcome::Failed => {
                self.failures = self.failures.saturating_add(1);
                self.failed_at = now;
                self.retry_at = now.saturating_add(self.backoff(jitter));
                Landed::Keep
            }
            Outcome::Keys { lifetime } => {
                let KeySettings { default_lifetime, min_lifetime, max_lifetime, .. } = self.settings;
                let lifetime = lifetime.unwrap_or(default_lifetime).clamp(min_lifetime, max_lifetime);
                self.hold(now, number, lifetime, Duration::ZERO, jitter)
            }
            Outcome::Stored { lifetime, age } => self.hold(now, number, lifetime, age, jitter),
        }
    }

    /// Takes in keys that were saved: they serve as if they had been fetched that long ago. `None` if that is too long.
    pub(crate) fn seed(&mut self, now: Duration, lifetime: Duration, age: Duration, jitter: f64) -> Option<Landed> {
        let too_old = age >= self.capped(lifetime).saturating_add(self.settings.max_stale);
        (!too_old).then(|| self.hold(now, NO_FLIGHT, lifetime, age, jitter))
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

    fn without_keys(&mut self, now: Duration) -> Decision {
        if let Some(flight) = self.flights.last() {
            return Decision::Join(*flight);
        }
        if self.in_backoff(now) {
            return Decision::Unavailable { retry_after: self.retry_after(now) };
        }
        match self.start(now) {
            Ok(flight) => Decision::FetchAndWait(flight),
            Err(retry_after) => Decision::Exhausted { retry_after },
        }
    }

    fn with_keys(&mut self, now: Duration, held: Held) -> Decision {
        let tried_since = self.failures > 0 && self.failed_at >= held.expires_at;
        let idle_past_its_lifetime = now >= held.expires_at && !tried_since;
        match self.flights.last() {
            Some(flight) if idle_past_its_lifetime => Decision::Join(*flight),
            Some(_) => Decision::Serve,
            None if now < held.refresh_at || self.in_backoff(now) => Decision::Serve,
            None => match self.start(now) {
                Ok(flight) if idle_past_its_lifetime => Decision::FetchAndWait(flight),
                Ok(flight) => Decision::ServeAndFetch(flight),
                Err(_) => Decision::Serve,
            },
        }
    }

    fn newer(&mut self, now: Duration, cause: Cause) -> Decision {
        // Free, even if it began too early to count: should it not bring the key, the request asks again.
        if let Some(flight) = self.flights.last() {
            return Decision::Join(*flight);
        }
        let refilled_in = self.budget(cause).refilled_in(now);
        if now >= self.retry_at && refilled_in.is_zero() {
            return match (self.start(now), cause) {
                (Ok(flight), _) => {
                    // Only now: what the shared budget denies costs the issuer's own nothing.
                    self.budget(cause).take(now);
                    Decision::FetchAndWait(flight)
                }
                (Err(retry_after), Cause::UnknownKey) => Decision::Exhausted { retry_after },
                (Err(_), Cause::BadSignature) => Decision::Denied,
            };
        }
        match cause {
            Cause::UnknownKey if self.failures > 0 => {
                Decision::Unavailable { retry_after: self.retry_after(now).max(refilled_in) }
            }
            Cause::UnknownKey | Cause::BadSignature => Decision::Denied,
        }
    }

    fn budget(&mut self, cause: Cause) -> &mut Bucket {
        match cause {
            Cause::UnknownKey => &mut self.unknown_keys,
            Cause::BadSignature => &mut self.bad_signatures,
        }
    }

    fn hold(&mut self, now: Duration, flight: u64, lifetime: Duration, age: Duration, jitter: f64) -> Landed {
        let lifetime = self.capped(lifetime);
        let from_fetch = |since: Duration| now.saturating_add(since).saturating_sub(age);
        let refresh_at = from_fetch(lifetime.mul_f64(REFRESH_FROM * (0.9 + 0.2 * jitter)));
        let expires_at = from_fetch(lifetime);
        let stale_until = from_fetch(lifetime.saturating_add(self.settings.max_stale));
        self.held = Some(Held { flight, refresh_at, expires_at, stale_until });
        self.failures = 0;
        self.retry_at = Duration::ZERO;
        self.landings += 1;
        Landed::Swap { landing: self.landings, refresh_at, lifetime }
    }

    /// # Errors
    ///
    /// How long until the shared budget has one for this issuer.
    fn start(&mut self, now: Duration) -> Result<u64, Duration> {
        self.shared.as_ref().map_or(Ok(()), |budget| budget.take(now))?;
        Ok(self.number())
    }

    fn number(&mut self) -> u64 {
        self.last_flight += 1;
        self.flights.push(self.last_flight);
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

/// Flights are numbered from one.
const NO_FLIGHT: u64 = 0;
const REFRESH_FROM: f64 = 0.8;
const MIN_BACKOFF: Duration = Duration::from_secs(1);
const MAX_BACKOFF: Duration = Duration::from_secs(60);
const BAD_SIGNATURE_BUDGET: u32 = 1;
const BAD_SIGNATURE_INTERVAL: Duration = Duration::from_secs(300);

#[cfg(test)]
mod tests;
