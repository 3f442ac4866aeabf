//! Lets a test decide when an answer goes out.

use std::sync::Arc;

use tokio::sync::watch;

/// Holds answers back until it is opened; its clones are the same gate. Once open it stays open.
///
/// See [`Fault::Held`](crate::Fault::Held).
#[derive(Clone, Debug, Default)]
pub struct Gate {
    open: Arc<watch::Sender<bool>>,
}

impl Gate {
    /// A closed gate.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets everything pass that waits, and all that comes later.
    pub fn open(&self) {
        self.open.send_replace(true);
    }

    #[expect(clippy::expect_used, reason = "the sender lives in `self`")]
    pub(super) async fn passed(&self) {
        let mut open = self.open.subscribe();
        open.wait_for(|open| *open).await.expect("the gate is alive");
    }
}
