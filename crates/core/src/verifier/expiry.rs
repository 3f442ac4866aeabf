//! Waiting for the end of a token.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use crate::clock::Clock;

/// Ends when `clock` shows `end`, in seconds since 1970, or does not know the time.
pub(super) async fn wait(clock: Arc<dyn Clock>, end: f64) {
    while let Some(left) = left(&*clock, end) {
        sleep(left).await;
    }
}

/// How long to sleep before the clock is asked again; `None` at the end. Never long, because a sleep follows neither a
/// wall clock that is set nor a machine that was suspended.
fn left(clock: &dyn Clock, end: f64) -> Option<Duration> {
    let left = end - clock.unix()?.as_secs_f64();
    (left > 0.0).then(|| Duration::from_secs_f64(left.clamp(SHORTEST_SLEEP, LONGEST_SLEEP)))
}

/// In seconds. Less is no sleep at all to the timer, and a clock that stands would keep a thread busy.
const SHORTEST_SLEEP: f64 = 0.001;
/// In seconds.
const LONGEST_SLEEP: f64 = 60.0;
