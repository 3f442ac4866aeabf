//! What issuers found at run time may fetch together.
//!
//! Strangers can invent names, and each name would be a fetch. So there is one budget for all of them, and half of it is
//! kept for those that have verified a signature before. The other half goes to the name that most requests want: a
//! customer who comes again and again is ahead of names that come once.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::Weak;
use std::time::Duration;

use crate::keys::policy::shared_budget::halves::Half;
use crate::keys::policy::shared_budget::halves::Halves;
use crate::keys::policy::shared_budget::requests::Requests;

mod candidate;
mod halves;
mod recent;
mod requests;

pub(crate) use candidate::Candidate;

/// One budget for many issuers, each with a policy of its own.
#[derive(Clone, Debug, Default)]
pub(crate) struct SharedBudget(Arc<Mutex<Budget>>);

/// What one issuer has of the budget.
#[derive(Debug)]
pub(crate) struct Share {
    /// Weak, because the budget holds on to candidates.
    budget: Weak<Mutex<Budget>>,
    name: u64,
    candidate: Weak<dyn Candidate>,
    is_confirmed: bool,
    store: StoreLookup,
}

/// When the key store was asked for an issuer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum StoreLookup {
    NoStore,
    Never,
    At(Duration),
}

/// Whose turn it is.
#[derive(Debug)]
pub(super) enum Turn {
    /// That of the one who asks.
    Own,
    /// That of these, if there are any. Whoever asks may come again after that time.
    OfOthers { others: Vec<Arc<dyn Candidate>>, retry_after: Duration },
}

#[derive(Debug, Default)]
struct Budget {
    halves: Halves,
    requests: Requests,
}

impl SharedBudget {
    /// That of the issuer that is called `name` here.
    pub(crate) fn share(&self, name: u64, candidate: Weak<dyn Candidate>, has_store: bool) -> Share {
        let store = if has_store { StoreLookup::Never } else { StoreLookup::NoStore };
        Share { budget: Arc::downgrade(&self.0), name, candidate, is_confirmed: false, store }
    }
}

impl Share {
    /// Whether it has verified a signature before.
    pub(super) fn is_confirmed(&self) -> bool {
        self.is_confirmed
    }

    /// From now on it has.
    pub(super) fn confirm(&mut self) {
        self.is_confirmed = true;
        if let Some(budget) = self.budget.upgrade() {
            lock(&budget, |budget| budget.requests.remove(self.name));
        }
    }

    /// Whether the key store is to be asked before anything is paid: it may have keys, and knows who has verified a
    /// signature in another process. Once a second, so that a name that is not there costs the store little.
    pub(super) fn asks_store_first(&mut self, now: Duration) -> bool {
        let is_due = match self.store {
            StoreLookup::NoStore => false,
            StoreLookup::Never => true,
            StoreLookup::At(at) => now.saturating_sub(at) >= STORE_INTERVAL,
        };
        if is_due {
            self.store = StoreLookup::At(now);
        }
        is_due
    }

    /// Asks for a fetch.
    pub(super) fn ask(&self, now: Duration) -> Turn {
        let Some(budget) = self.budget.upgrade() else {
            // Whatever shared it is gone, and nobody will come again.
            return Turn::OfOthers { others: Vec::new(), retry_after: halves::INTERVAL };
        };
        lock(&budget, |budget| {
            if self.is_confirmed {
                let none = |retry_after| Turn::OfOthers { others: Vec::new(), retry_after };
                budget.halves.take(Half::Confirmed, now).map_or_else(none, |()| Turn::Own)
            } else {
                budget.ask_unconfirmed(now, self.name, self.candidate.upgrade())
            }
        })
    }
}

impl Budget {
    fn ask_unconfirmed(&mut self, now: Duration, name: u64, candidate: Option<Arc<dyn Candidate>>) -> Turn {
        if let Some(candidate) = candidate {
            self.requests.add(now, name, candidate);
        }
        let mut others = Vec::new();
        loop {
            if let Err(wait) = self.halves.take(Half::Unconfirmed, now) {
                let retry_after = wait.max(self.requests.next_try_in(now, name));
                return Turn::OfOthers { others, retry_after };
            }
            match self.requests.take_first(now) {
                Some((first, _)) if first == name => return Turn::Own,
                Some((_, other)) => others.push(other),
                None => {
                    self.halves.give_back(Half::Unconfirmed);
                    return Turn::OfOthers { others, retry_after: self.requests.next_try_in(now, name) };
                }
            }
        }
    }
}

const STORE_INTERVAL: Duration = Duration::from_secs(1);

/// A panic under the lock leaves a state that is still sound: at worst a fetch was paid for that did not begin.
fn lock<T>(budget: &Mutex<Budget>, change: impl FnOnce(&mut Budget) -> T) -> T {
    change(&mut budget.lock().unwrap_or_else(PoisonError::into_inner))
}

#[cfg(test)]
impl SharedBudget {
    /// Until nothing is left of either half.
    pub(super) fn use_up(&self, now: Duration) {
        lock(&self.0, |budget| {
            for half in [Half::Confirmed, Half::Unconfirmed] {
                while budget.halves.take(half, now).is_ok() {}
            }
        });
    }
}
