//! The time, injected.

use std::fmt::Debug;
use std::time::Duration;
use std::time::Instant;
use std::time::SystemTime;
use std::time::UNIX_EPOCH;

/// Tells the time to the verifier and to the keys.
///
/// Claims are judged by the wall clock ([`unix`](Self::unix)); the age of keys by the monotonic one
/// ([`monotonic`](Self::monotonic)), which no operator and no NTP step can move.
///
/// ```
/// use std::time::Duration;
///
/// use claviger_core::clock::Clock;
///
/// #[derive(Debug)]
/// struct Stopped;
///
/// impl Clock for Stopped {
///     fn unix(&self) -> Option<Duration> {
///         Some(Duration::from_secs(1_750_000_000))
///     }
///
///     fn monotonic(&self) -> Duration {
///         Duration::ZERO
///     }
/// }
///
/// assert_eq!(Stopped.unix(), Some(Duration::from_secs(1_750_000_000)));
/// ```
pub trait Clock: Debug + Send + Sync + 'static {
    /// The time since 1970-01-01T00:00:00Z, or `None` where it is not known; every token is then refused.
    fn unix(&self) -> Option<Duration>;

    /// The time since some fixed moment of this process; never goes back.
    fn monotonic(&self) -> Duration;
}

/// The clock of the machine.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    origin: Instant,
}

impl SystemClock {
    /// Starts the monotonic clock at zero.
    #[must_use]
    pub fn new() -> Self {
        Self { origin: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn unix(&self) -> Option<Duration> {
        SystemTime::now().duration_since(UNIX_EPOCH).ok()
    }

    fn monotonic(&self) -> Duration {
        self.origin.elapsed()
    }
}
