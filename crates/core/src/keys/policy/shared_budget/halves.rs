//! Two halves of one budget: ten at once, and one a second for both.

use std::time::Duration;

/// A refill goes to the halves in turn, or to the one that is not full, so neither can keep the other from its part.
#[derive(Debug)]
pub(super) struct Halves {
    confirmed: u32,
    unconfirmed: u32,
    /// When the last refill was, or when both were full.
    refilled_at: Duration,
    /// Which one has the next refill, if both want it.
    next: Half,
}

/// Whose half it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Half {
    /// Of issuers that have verified a signature before.
    Confirmed,
    /// Of issuers that have not.
    Unconfirmed,
}

impl Halves {
    /// # Errors
    ///
    /// How long until there is something to take.
    pub(super) fn take(&mut self, half: Half, now: Duration) -> Result<(), Duration> {
        self.refill(now);
        let left = self.of(half);
        if let Some(less) = left.checked_sub(1) {
            *left = less;
            return Ok(());
        }
        let next = self.refilled_at.saturating_add(INTERVAL).saturating_sub(now);
        let other_is_first = self.next != half && *self.of(half.other()) < CAPACITY;
        Err(if other_is_first { next.saturating_add(INTERVAL) } else { next })
    }

    /// What was taken just now, and not used.
    pub(super) fn give_back(&mut self, half: Half) {
        *self.of(half) += 1;
    }

    fn refill(&mut self, now: Duration) {
        while !self.are_full() && now.saturating_sub(self.refilled_at) >= INTERVAL {
            self.refilled_at = self.refilled_at.saturating_add(INTERVAL);
            let half = if *self.of(self.next) < CAPACITY { self.next } else { self.next.other() };
            *self.of(half) += 1;
            self.next = half.other();
        }
        if self.are_full() {
            self.refilled_at = now;
        }
    }

    fn are_full(&self) -> bool {
        self.confirmed >= CAPACITY && self.unconfirmed >= CAPACITY
    }

    fn of(&mut self, half: Half) -> &mut u32 {
        match half {
            Half::Confirmed => &mut self.confirmed,
            Half::Unconfirmed => &mut self.unconfirmed,
        }
    }
}

impl Default for Halves {
    fn default() -> Self {
        Self { confirmed: CAPACITY, unconfirmed: CAPACITY, refilled_at: Duration::ZERO, next: Half::Confirmed }
    }
}

impl Half {
    fn other(self) -> Self {
        match self {
            Self::Confirmed => Self::Unconfirmed,
            Self::Unconfirmed => Self::Confirmed,
        }
    }
}

/// Of each half.
const CAPACITY: u32 = 5;
pub(super) const INTERVAL: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn take_all(halves: &mut Halves, half: Half, now: Duration) -> u32 {
        (0..).take_while(|_| halves.take(half, now).is_ok()).count() as u32
    }

    #[test]
    fn each_half_is_five_at_once() {
        let mut halves = Halves::default();
        assert_eq!(take_all(&mut halves, Half::Confirmed, seconds(100)), 5);
        assert_eq!(take_all(&mut halves, Half::Unconfirmed, seconds(100)), 5);
    }

    #[test]
    fn one_half_alone_has_every_refill_and_both_have_every_other() {
        for (halves_in_use, expected) in [(&[Half::Unconfirmed][..], 1), (&[Half::Confirmed, Half::Unconfirmed], 2)] {
            let mut halves = Halves::default();
            for half in halves_in_use {
                take_all(&mut halves, *half, seconds(0));
            }
            let mut taken = [0, 0];
            for now in 1..=60 {
                for half in halves_in_use {
                    taken[usize::from(*half == Half::Unconfirmed)] += take_all(&mut halves, *half, seconds(now));
                }
            }
            assert_eq!(taken[1], 60 / expected, "{halves_in_use:?}");
            assert_eq!(taken.iter().sum::<u32>(), 60);
        }
    }

    #[test]
    fn whoever_is_refused_is_told_when_its_half_is_refilled() {
        for half in [Half::Confirmed, Half::Unconfirmed] {
            let mut halves = Halves::default();
            take_all(&mut halves, Half::Confirmed, seconds(0));
            take_all(&mut halves, Half::Unconfirmed, seconds(0));
            let now = Duration::from_millis(400);
            let wait = halves.take(half, now).unwrap_err();
            assert!(halves.take(half, now + wait - Duration::from_millis(1)).is_err(), "{half:?}");
            assert!(halves.take(half, now + wait).is_ok(), "{half:?}");
        }
    }
}
