//! A clock that stands until a test moves it.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;

use claviger_core::clock::Clock;

/// A clock that stands still until it is moved; its clones share the time.
///
/// ```
/// use std::time::Duration;
///
/// use claviger_core::clock::Clock;
/// use claviger_testing::TestClock;
///
/// let clock = TestClock::at_second(1_750_000_000);
/// let same = clock.clone();
///
/// clock.advance(Duration::from_secs(60));
/// assert_eq!(same.unix(), Some(Duration::from_secs(1_750_000_060)));
/// assert_eq!(same.monotonic(), Duration::from_secs(60));
///
/// // An operator sets the machine's clock back: no time has passed.
/// clock.step_wall(-3600);
/// assert_eq!(same.unix(), Some(Duration::from_secs(1_749_996_460)));
/// assert_eq!(same.monotonic(), Duration::from_secs(60));
/// ```
#[derive(Clone, Debug)]
pub struct TestClock {
    times: Arc<Mutex<Times>>,
}

impl TestClock {
    /// A clock that shows `unix`, counted from 1970-01-01T00:00:00Z; its monotonic side starts at zero.
    #[must_use]
    pub fn at(unix: Duration) -> Self {
        let times = Times { unix: Some(unix), monotonic: Duration::ZERO };
        Self { times: Arc::new(Mutex::new(times)) }
    }

    /// [`at`](Self::at) in whole seconds, as a NumericDate has them.
    #[must_use]
    pub fn at_second(unix: u64) -> Self {
        Self::at(Duration::from_secs(unix))
    }

    /// Lets `by` pass: the wall clock, if it is known, and the monotonic clock move together.
    pub fn advance(&self, by: Duration) {
        let mut times = self.times();
        times.monotonic = times.monotonic.saturating_add(by);
        times.unix = times.unix.map(|unix| unix.saturating_add(by));
    }

    /// Sets the wall clock alone; `None` makes the time unknown.
    pub fn set_unix(&self, unix: Option<Duration>) {
        self.times().unix = unix;
    }

    /// Moves the wall clock alone, by seconds, forwards or back; it stops at 1970.
    pub fn step_wall(&self, seconds: i64) {
        let by = Duration::from_secs(seconds.unsigned_abs());
        let mut times = self.times();
        times.unix = times.unix.map(|unix| match seconds.is_negative() {
            true => unix.saturating_sub(by),
            false => unix.saturating_add(by),
        });
    }

    fn times(&self) -> MutexGuard<'_, Times> {
        self.times.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for TestClock {
    fn unix(&self) -> Option<Duration> {
        self.times().unix
    }

    fn monotonic(&self) -> Duration {
        self.times().monotonic
    }
}

#[derive(Debug)]
struct Times {
    unix: Option<Duration>,
    monotonic: Duration,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_time_stays_unknown_while_time_passes() {
        let clock = TestClock::at_second(5);
        clock.set_unix(None);
        clock.advance(Duration::from_secs(1));
        clock.step_wall(1);

        assert_eq!(clock.unix(), None);
        assert_eq!(clock.monotonic(), Duration::from_secs(1));
    }

    #[test]
    fn the_wall_clock_never_leaves_its_range() {
        let clock = TestClock::at_second(5);
        clock.step_wall(i64::MIN);
        assert_eq!(clock.unix(), Some(Duration::ZERO));

        clock.advance(Duration::MAX);
        clock.step_wall(i64::MAX);
        assert_eq!(clock.unix(), Some(Duration::MAX));
    }
}
