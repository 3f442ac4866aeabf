//! How long an answer is waited for.

use std::time::Duration;

use tokio::time::Instant;
use tokio::time::timeout_at;

use crate::failure::Failure;

/// The end of the time for one answer, or for several that one request needs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    at: Instant,
    within: Duration,
}

impl Deadline {
    /// From now on.
    pub(crate) fn within(within: Duration) -> Self {
        let now = Instant::now();
        Self { at: now.checked_add(within).unwrap_or(now + CENTURY), within }
    }

    /// # Errors
    ///
    /// [`Failure::NoAnswer`].
    pub(crate) async fn of<T>(self, answer: impl Future<Output = T>) -> Result<T, Failure> {
        timeout_at(self.at, answer).await.map_err(|_| Failure::NoAnswer(self.within))
    }
}

const CENTURY: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);
