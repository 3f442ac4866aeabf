//! The policy of an issuer found at run time, which is one of many.

use std::sync::Arc;
use std::time::Duration;

use crate::keys::policy::Candidate;
use crate::keys::policy::MAX_BACKOFF;
use crate::keys::policy::Policy;
use crate::keys::policy::Share;
use crate::keys::policy::Wanted;
use crate::keys::policy::shared_budget::Turn;

impl Policy {
    /// From now on that of an issuer found at run time: what it fetches comes out of a shared budget too, and after a
    /// failure nobody is asked for the longest back-off.
    pub(crate) fn share(&mut self, share: Share) {
        self.share = Some(share);
        self.first_backoff = MAX_BACKOFF;
    }

    /// Notes that a signature was verified by its keys, now or in another process.
    pub(crate) fn confirm(&mut self) {
        self.share.iter_mut().for_each(Share::confirm);
    }

    /// Whether somebody who is trusted has named the issuer, or it has verified a signature.
    pub(crate) fn is_known(&self) -> bool {
        self.share.as_ref().is_none_or(Share::is_confirmed)
    }

    /// Whose turn it is in place of this issuer, to be asked when the lock is released.
    pub(crate) fn take_turns(&mut self) -> Vec<Arc<dyn Candidate>> {
        std::mem::take(&mut self.turns)
    }

    /// A flight that another issuer's request has come upon: it was this one's turn. `None` if it needs none any more.
    pub(crate) fn take_turn(&mut self, now: Duration) -> Option<(u64, Wanted)> {
        let is_of_no_use = !self.flights.is_empty() || self.in_backoff(now);
        let wanted = if self.may_serve(now) { Wanted::Newest } else { Wanted::Fresh };
        (!is_of_no_use).then(|| (self.number(now, wanted), wanted))
    }

    /// Whether a flight may go to the issuer, and not only to the key store.
    pub(crate) fn is_paid(&self, number: u64) -> bool {
        self.flights.iter().any(|flight| flight.number == number && flight.is_paid)
    }

    /// Pays for a flight that has not found in the key store what it wants.
    ///
    /// # Errors
    ///
    /// How long until it could; the flight is over.
    pub(crate) fn pay(&mut self, now: Duration, number: u64) -> Result<(), Duration> {
        self.ask_for_turn(now).inspect_err(|retry_after| {
            self.flights.retain(|flight| flight.number != number);
            self.denied_until = now.saturating_add(*retry_after);
        })
    }

    /// How long a flight is denied the issuer from now on; `None` if it is not.
    pub(crate) fn is_denied_for(&self, now: Duration) -> Option<Duration> {
        let left = self.denied_until.saturating_sub(now);
        (!left.is_zero()).then_some(left)
    }

    /// # Errors
    ///
    /// How long until the shared budget has one for this issuer.
    pub(super) fn start(&mut self, now: Duration, wanted: Wanted) -> Result<u64, Duration> {
        if wanted == Wanted::Fresh && self.share.as_mut().is_some_and(|share| share.asks_store_first(now)) {
            let number = self.number(now, wanted);
            self.flights.iter_mut().filter(|flight| flight.number == number).for_each(|flight| flight.is_paid = false);
            return Ok(number);
        }
        self.ask_for_turn(now)?;
        Ok(self.number(now, wanted))
    }

    /// # Errors
    ///
    /// How long until the shared budget has one for this issuer.
    fn ask_for_turn(&mut self, now: Duration) -> Result<(), Duration> {
        match self.share.as_ref().map_or(Turn::Own, |share| share.ask(now)) {
            Turn::Own => Ok(()),
            Turn::OfOthers { others, retry_after } => {
                self.turns.extend(others);
                Err(retry_after)
            }
        }
    }
}
