//! The bodies that are drained at once: a bounded number, of which the slowest gives way.

use std::collections::HashMap;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

/// The bodies that are drained now.
#[derive(Debug)]
pub(super) struct Slots {
    max: usize,
    next_id: u64,
    taken: HashMap<u64, Slot>,
}

/// Dropping it ends the task that drains.
#[derive(Debug)]
struct Slot {
    since: Instant,
    received: Received,
    _stop: oneshot::Sender<()>,
}

/// A place among them, and the end of it.
#[derive(Debug)]
pub(super) struct Admitted {
    pub(super) id: u64,
    /// Resolves when the place is given to another.
    pub(super) stopped: oneshot::Receiver<()>,
}

impl Slots {
    pub(super) fn new(max: usize) -> Self {
        Self { max, next_id: 0, taken: HashMap::new() }
    }

    /// Takes a place, for which another body may have to give way; `None` if there are no places at all.
    pub(super) fn admit(&mut self, now: Instant) -> Option<Admitted> {
        if self.taken.len() >= self.max {
            let slowest = self.slowest(now)?;
            self.remove(slowest);
        }
        let id = self.next_id;
        self.next_id += 1;
        let (stop, stopped) = oneshot::channel();
        self.taken.insert(id, Slot { since: now, received: Received::new(now), _stop: stop });
        Some(Admitted { id, stopped })
    }

    /// Counts what has been received. Whoever has given way counts no more.
    pub(super) fn received(&mut self, id: u64, bytes: u64, now: Instant) {
        if let Some(slot) = self.taken.get_mut(&id) {
            slot.received.add(bytes, now);
        }
    }

    pub(super) fn remove(&mut self, id: u64) {
        self.taken.remove(&id);
    }

    /// The one that received least in the last second, and the oldest of several. One that has not been there for a
    /// second had no chance to receive anything, so it goes only if there are no others.
    fn slowest(&self, now: Instant) -> Option<u64> {
        let rank = |id: u64, slot: &Slot| (now - slot.since < WINDOW, slot.received.in_last_second(now), id);
        self.taken.iter().min_by_key(|(id, slot)| rank(**id, slot)).map(|(id, _)| *id)
    }
}

/// How much arrived in the last second, estimated from two windows: storing every arrival would cost more memory than the
/// estimate is worth.
#[derive(Clone, Copy, Debug)]
struct Received {
    window_start: Instant,
    in_window: u64,
    in_previous: u64,
}

impl Received {
    fn new(now: Instant) -> Self {
        Self { window_start: now, in_window: 0, in_previous: 0 }
    }

    fn add(&mut self, bytes: u64, now: Instant) {
        *self = self.at(now);
        self.in_window = self.in_window.saturating_add(bytes);
    }

    /// In thousandths of a byte.
    fn in_last_second(self, now: Instant) -> u64 {
        let current = self.at(now);
        let passed = u64::try_from((now - current.window_start).as_millis()).unwrap_or(1000).min(1000);
        let of_previous = current.in_previous.saturating_mul(1000 - passed);
        current.in_window.saturating_mul(1000).saturating_add(of_previous)
    }

    /// With the window that `now` is in.
    fn at(self, now: Instant) -> Self {
        match now - self.window_start {
            passed if passed < WINDOW => self,
            passed if passed < 2 * WINDOW => {
                Self { window_start: self.window_start + WINDOW, in_window: 0, in_previous: self.in_window }
            }
            _ => Self::new(now),
        }
    }
}

const WINDOW: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot::error::TryRecvError;

    use super::*;

    /// As many as there are places, all from `now` on.
    fn full(max: usize, now: Instant) -> (Slots, Vec<Admitted>) {
        let mut slots = Slots::new(max);
        let admitted = (0..max).map(|_| slots.admit(now).unwrap()).collect();
        (slots, admitted)
    }

    fn stopped(admitted: &mut [Admitted]) -> Vec<usize> {
        let is_stopped = |one: &mut Admitted| one.stopped.try_recv() == Err(TryRecvError::Closed);
        admitted.iter_mut().enumerate().filter_map(|(at, one)| is_stopped(one).then_some(at)).collect()
    }

    #[test]
    fn the_one_that_received_least_in_the_last_second_gives_way() {
        let start = Instant::now();
        let (mut slots, mut admitted) = full(3, start);
        for (at, bytes) in [(0, 1000), (1, 1), (2, 10)] {
            slots.received(admitted[at].id, bytes, start + 2 * WINDOW);
        }
        slots.admit(start + 2 * WINDOW).unwrap();
        assert_eq!(stopped(&mut admitted), [1]);
    }

    #[test]
    fn what_was_received_before_the_last_second_does_not_count() {
        let start = Instant::now();
        let (mut slots, mut admitted) = full(2, start);
        slots.received(admitted[0].id, 1_000_000, start);
        slots.received(admitted[1].id, 1, start + 2 * WINDOW);
        slots.admit(start + 2 * WINDOW).unwrap();
        assert_eq!(stopped(&mut admitted), [0]);
    }

    #[test]
    fn what_was_received_half_a_second_ago_counts_across_windows() {
        let start = Instant::now();
        let (mut slots, mut admitted) = full(2, start);
        slots.received(admitted[0].id, 100, start + Duration::from_millis(900));
        slots.received(admitted[1].id, 10, start + Duration::from_millis(1400));
        slots.admit(start + Duration::from_millis(1400)).unwrap();
        assert_eq!(stopped(&mut admitted), [1]);
    }

    /// Ten uploads of honest clients that come at once must not stop each other while thousands trickle.
    #[test]
    fn one_that_has_just_come_stays_while_a_slow_one_is_there() {
        let start = Instant::now();
        let (mut slots, mut slow) = full(20, start);
        for second in 1..5 {
            slow.iter().for_each(|one| slots.received(one.id, 1, start + second * WINDOW));
        }
        let mut fresh: Vec<_> = (0..10).map(|_| slots.admit(start + 5 * WINDOW).unwrap()).collect();
        assert_eq!(stopped(&mut fresh), [0; 0]);
        assert_eq!(stopped(&mut slow), (0..10).collect::<Vec<_>>(), "the oldest of those that received the same");
    }

    #[test]
    fn where_all_have_just_come_the_one_that_received_least_gives_way() {
        let start = Instant::now();
        let (mut slots, mut admitted) = full(3, start);
        slots.received(admitted[0].id, 5, start);
        slots.received(admitted[2].id, 5, start);
        slots.admit(start).unwrap();
        slots.admit(start).unwrap();
        assert_eq!(stopped(&mut admitted), [1], "and then the one that came in its place");
    }

    #[test]
    fn a_place_is_free_again_when_its_body_has_ended() {
        let start = Instant::now();
        let (mut slots, mut admitted) = full(2, start);
        slots.remove(admitted[0].id);
        slots.received(admitted[0].id, 7, start);
        slots.admit(start + 2 * WINDOW).unwrap();
        assert_eq!(stopped(&mut admitted), [0], "removed by its own end, and the other one stays");
        assert_eq!(slots.taken.len(), 2);
    }

    #[test]
    fn without_places_nothing_is_admitted() {
        assert!(Slots::new(0).admit(Instant::now()).is_none());
    }
}
