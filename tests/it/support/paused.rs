//! The time of a paused runtime.

use std::time::Duration;

use claviger::clock::Clock;
use claviger::clock::SystemClock;
use tokio::time::Instant;

/// The clock of a paused runtime, counted from this moment.
#[derive(Debug)]
pub(crate) struct Paused(pub(crate) Instant);

impl Clock for Paused {
    fn unix(&self) -> Option<Duration> {
        SystemClock::new().unix()
    }

    fn monotonic(&self) -> Duration {
        self.0.elapsed()
    }
}
