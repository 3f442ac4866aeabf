//! One fetch, as a task of its own.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::time::timeout;

use crate::keys::FetchError;
use crate::keys::KeyError;
use crate::keys::KeyErrorKind;
use crate::keys::discovery::Fetched;
use crate::keys::remote::landing::Confirmable;
use crate::keys::remote::source::Ground;
use crate::keys::remote::source::Shared;

/// A flight that is known to whoever asks next, and has not taken off. However it ends, it lands: were it forgotten,
/// requests would join it for ever.
#[must_use]
pub(super) struct Flight {
    shared: Arc<Shared>,
    number: u64,
    began: Duration,
    known: Option<Confirmable>,
    has_landed: bool,
    /// Closed when this is dropped, after the landing.
    landing: watch::Sender<()>,
}

/// Where a flight is awaited.
pub(super) struct Landing(watch::Receiver<()>);

impl Shared {
    /// Under the same lock as the decision, because nobody could join a flight that is not known.
    pub(super) fn board(self: &Arc<Self>, ground: &mut Ground, began: Duration, number: u64) -> Flight {
        let (landing, landed) = watch::channel(());
        ground.under_way.insert(number, landed);
        ground.counters.fetches += 1;
        self.flights.store(ground.policy.flights(), Ordering::Release);
        let known = ground.confirmable.clone();
        Flight { shared: Arc::clone(self), number, began, known, has_landed: false, landing }
    }
}

impl Flight {
    /// Starts the task. `None` outside of a runtime, where the flight has failed at once.
    pub(super) fn take_off(self) -> Option<Landing> {
        let Ok(runtime) = Handle::try_current() else {
            self.land(Err(KeyError::new(KeyErrorKind::Aborted, OUTSIDE_OF_TOKIO)));
            return None;
        };
        let landing = Landing(self.landing.subscribe());
        drop(runtime.spawn(self.fly()));
        Some(landing)
    }

    async fn fly(self) {
        let shared = &self.shared;
        let validators = self.known.as_ref().map(|known| &known.validators);
        let fetched = timeout(shared.settings.timeout, shared.location.fetch(&*shared.fetch, validators)).await;
        let brought =
            fetched.unwrap_or_else(|_| Err(KeyError::of_fetch(&shared.location.issuer, &FetchError::Deadline)));
        self.land(brought);
    }

    fn land(mut self, brought: Result<Fetched, KeyError>) {
        let brought = brought.and_then(|fetched| self.shared.read(fetched, self.known.take()));
        let now = self.shared.clock.monotonic();
        let report = self.shared.land(now, self.number, brought);
        self.has_landed = true;
        let shared = Arc::clone(&self.shared);
        // Whoever waits need not wait for the log.
        drop(self);
        report.log(&shared.location.issuer);
    }
}

impl Drop for Flight {
    /// Asks neither the clock nor anybody else, because one of them may be what has panicked.
    fn drop(&mut self) {
        if !self.has_landed {
            let error = KeyError::new(KeyErrorKind::Aborted, "the fetch was broken off");
            let _unlogged = self.shared.land(self.began, self.number, Err(error));
        }
    }
}

impl Landing {
    pub(super) async fn awaited(mut self) {
        // An error is what is waited for: the flight has closed its channel.
        let _ = self.0.changed().await;
    }
}

impl From<watch::Receiver<()>> for Landing {
    fn from(landed: watch::Receiver<()>) -> Self {
        Self(landed)
    }
}

const OUTSIDE_OF_TOKIO: &str = "keys are fetched on a tokio runtime, and there is none here";
