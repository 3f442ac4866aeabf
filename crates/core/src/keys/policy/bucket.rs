//! Budgets of fetches.

use std::time::Duration;

/// So many at once, and one more after each interval.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bucket {
    capacity: u32,
    interval: Duration,
    /// When it is full again: each one taken puts this off by an interval.
    full_at: Duration,
}

impl Bucket {
    pub(super) const fn new(capacity: u32, interval: Duration) -> Self {
        Self { capacity, interval, full_at: Duration::ZERO }
    }

    pub(super) fn take(&mut self, now: Duration) -> bool {
        if !self.refilled_in(now).is_zero() {
            return false;
        }
        self.full_at = self.full_at.max(now).saturating_add(self.interval);
        true
    }

    /// How long until one can be taken.
    pub(super) fn refilled_in(&self, now: Duration) -> Duration {
        let all_but_one = self.interval.saturating_mul(self.capacity.saturating_sub(1));
        self.full_at.saturating_sub(now).saturating_sub(all_but_one)
    }

    /// How long until there is one more than now; the interval where it is full.
    pub(super) fn next_refill_in(&self, now: Duration) -> Duration {
        let empty_for = self.full_at.saturating_sub(now);
        let whole = empty_for.saturating_sub(Duration::from_nanos(1)).as_nanos() / self.interval.as_nanos().max(1);
        let whole = self.interval.saturating_mul(u32::try_from(whole).unwrap_or(u32::MAX));
        if empty_for.is_zero() { self.interval } else { empty_for.saturating_sub(whole) }
    }
}
