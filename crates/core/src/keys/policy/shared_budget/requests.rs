//! Which names are wanted most: counts of the last minute, of a bounded number of names.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use crate::keys::policy::shared_budget::candidate::Candidate;
use crate::keys::policy::shared_budget::recent::Recent;

/// The names of unconfirmed issuers that were wanted in the last minute.
#[derive(Debug, Default)]
pub(super) struct Requests {
    by_name: HashMap<u64, Counted>,
    /// How many were ever counted, so that each has its place in the order.
    came: u64,
    swept_at: Duration,
    /// Only with more names than can be counted.
    recent: Option<Recent>,
}

#[derive(Debug)]
struct Counted {
    candidate: Arc<dyn Candidate>,
    /// Its place in the order of those that came.
    place: u64,
    last: Duration,
    tried_at: Option<Duration>,
    requests: Minute,
}

/// Requests of the last minute, to ten seconds.
#[derive(Debug, Default)]
struct Minute {
    counts: [u32; 6],
    /// The number of the newest ten seconds.
    newest: u64,
}

impl Requests {
    /// Counts a request.
    pub(super) fn add(&mut self, now: Duration, name: u64, candidate: Arc<dyn Candidate>) {
        self.sweep(now);
        if let Some(wanted) = self.by_name.get_mut(&name) {
            wanted.last = now;
            wanted.requests.add(now, 1);
            return;
        }
        let is_full = self.by_name.len() >= COUNTED_NAMES;
        // A name that comes once in a flood would push out one that comes again, a little later.
        if is_full && !self.recent.get_or_insert_default().contains_or_insert(now, name) {
            return;
        }
        if is_full {
            self.remove_least_wanted(now);
        }
        let mut requests = Minute::default();
        requests.add(now, if is_full { 2 } else { 1 });
        self.came += 1;
        let counted = Counted { candidate, place: self.came, last: now, tried_at: None, requests };
        self.by_name.insert(name, counted);
    }

    /// The name with most requests, of several the one that came first, of those that were not tried in the last minute.
    /// From now on it was.
    pub(super) fn take_first(&mut self, now: Duration) -> Option<(u64, Arc<dyn Candidate>)> {
        let all = self.by_name.iter_mut().filter(|(_, wanted)| !wanted.was_tried(now));
        let counted = all.map(|(name, wanted)| (wanted.requests.count(now), Reverse(wanted.place), *name));
        let (_, _, name) = counted.filter(|(count, ..)| *count > 0).max()?;
        let wanted = self.by_name.get_mut(&name)?;
        wanted.tried_at = Some(now);
        Some((name, Arc::clone(&wanted.candidate)))
    }

    /// How long until `name` can be tried again.
    pub(super) fn next_try_in(&self, now: Duration, name: u64) -> Duration {
        let tried_at = self.by_name.get(&name).and_then(|wanted| wanted.tried_at);
        tried_at.map_or(Duration::ZERO, |at| at.saturating_add(MINUTE).saturating_sub(now))
    }

    pub(super) fn remove(&mut self, name: u64) {
        self.by_name.remove(&name);
    }

    /// Leaves out those that nobody wants any more.
    fn sweep(&mut self, now: Duration) {
        let pause = if self.by_name.len() >= COUNTED_NAMES { Duration::from_secs(1) } else { MINUTE };
        if now.saturating_sub(self.swept_at) >= pause {
            self.swept_at = now;
            self.by_name.retain(|_, wanted| wanted.was_tried(now) || wanted.requests.count(now) > 0);
        }
        if self.by_name.is_empty() {
            self.recent = None;
        }
    }

    /// Of several that have not been wanted for longest. Those that were tried stay, so that they are not tried again.
    fn remove_least_wanted(&mut self, now: Duration) {
        let untried = self.by_name.iter_mut().filter(|(_, wanted)| !wanted.was_tried(now));
        let least = untried.map(|(name, wanted)| (wanted.requests.count(now), wanted.last, *name)).min();
        if let Some((_, _, name)) = least {
            self.by_name.remove(&name);
        }
    }
}

impl Counted {
    fn was_tried(&self, now: Duration) -> bool {
        self.tried_at.is_some_and(|at| now.saturating_sub(at) < MINUTE)
    }
}

impl Minute {
    fn add(&mut self, now: Duration, requests: u32) {
        let newest = self.turn(now);
        if let Some(count) = self.counts.get_mut(newest) {
            *count = count.saturating_add(requests);
        }
    }

    fn count(&mut self, now: Duration) -> u32 {
        self.turn(now);
        self.counts.iter().fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// Forgets what is older than a minute. The index of the newest.
    fn turn(&mut self, now: Duration) -> usize {
        let (newest, slices) = (now.as_secs() / SLICE, self.counts.len() as u64);
        for passed in 1..=newest.saturating_sub(self.newest).min(slices) {
            self.counts[((self.newest + passed) % slices) as usize] = 0;
        }
        self.newest = self.newest.max(newest);
        (self.newest % slices) as usize
    }
}

const COUNTED_NAMES: usize = 1024;
const MINUTE: Duration = Duration::from_secs(60);
/// In seconds.
const SLICE: u64 = 10;
