//! Who may have its turn while others ask.

use std::fmt::Debug;
use std::sync::Arc;

/// An issuer that can fetch when it is its turn, although it is not the one who asks.
pub(crate) trait Candidate: Debug + Send + Sync {
    /// Fetches now; it is paid for.
    fn take_turn(self: Arc<Self>);
}
