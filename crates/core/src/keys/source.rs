//! What the verifier asks for keys.

use std::fmt::Debug;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use crate::keys::KeyErrorKind;
use crate::keys::KeySnapshot;
use crate::keys::KeyStatus;
use crate::keys::policy::Cause;
use crate::keys::policy::Wanted;
use crate::keys::set::KeySet;

/// The keys of one issuer, or a way to them.
pub(crate) trait KeySource: Debug + Send + Sync + 'static {
    /// To be asked before the keys are, so that it is known what counts as news for the request.
    fn arrival(&self) -> Arrival;

    /// The generation of the keys at hand, if they may be used and nobody else has to be asked for that. No lock is taken
    /// and nothing is written that another thread reads.
    fn fresh_generation(&self, arrival: Arrival) -> Option<u64>;

    /// The keys, at once if nothing has to be awaited; a lock is taken only when they are not simply fresh.
    fn keys(&self, ask: Ask) -> Answer;

    /// Whether somebody can be asked for newer ones.
    fn is_fetched(&self) -> bool;

    /// Notes that a signature was verified by them.
    fn confirm(&self);

    /// Has keys that may be used, and fetches them if there are none; waits for the whole of a fetch.
    fn ready(&self) -> Done;

    /// Fetches now, whatever the age of the keys, and tells how it went; for operators.
    fn refresh(&self) -> Done;

    /// How things stand.
    fn status(&self) -> KeyStatus;

    /// The keys as they can be saved.
    fn snapshot(&self) -> Option<KeySnapshot>;
}

/// When a request came.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Arrival {
    /// By the monotonic clock.
    pub(crate) at: Duration,
    /// The fetches that had begun before. They are counted, because a clock can stand still between two moments.
    pub(crate) flights: u64,
}

/// What is asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Ask {
    /// Whatever may be used at this moment.
    Any(Arrival),
    /// Something newer than what was seen, because that was not enough.
    Newer {
        /// [`Keys::landing`] of the keys that were looked at.
        seen: u64,
        /// When the request came; a fetch that began before does not count for it.
        arrival: Arrival,
        /// What they were not enough for.
        cause: Cause,
    },
}

impl Ask {
    pub(crate) fn wanted(self) -> Wanted {
        match self {
            Self::Any(_) => Wanted::Fresh,
            Self::Newer { .. } => Wanted::Newest,
        }
    }
}

/// The answer, or a way to wait for it.
pub(crate) enum Answer {
    Ready(Result<Arc<Keys>, NoKeys>),
    Wait(Wait),
}

/// A way to wait for what an operator asked for.
pub(crate) type Done = Pin<Box<dyn Future<Output = Result<(), NoKeys>> + Send>>;

pub(crate) type Wait = Pin<Box<dyn Future<Output = Result<Arc<Keys>, NoKeys>> + Send>>;

/// The keys at one moment; never changed, only replaced.
#[derive(Debug)]
pub(crate) struct Keys {
    pub(crate) set: Arc<KeySet>,
    /// Counts the changes of the set.
    pub(crate) generation: u64,
    /// Counts the successful fetches, those that changed nothing too.
    pub(crate) landing: u64,
    /// When they came, by the monotonic clock.
    pub(crate) landed_at: Duration,
    /// How old they were then: nothing, unless they were saved or another process has fetched them.
    pub(crate) age_then: Duration,
    /// How long a cache had them when they were fetched.
    pub(crate) cached_for: Duration,
    /// When they were fetched, in seconds since 1970; `None` if their issuer forbids to store them, or that is not known.
    pub(crate) fetched_at: Option<u64>,
    /// How long they are fresh from then on.
    pub(crate) lifetime: Duration,
    /// Until then nobody else has to be asked whether they may be used.
    pub(crate) refresh_at: Duration,
}

impl Keys {
    /// Whether nobody has to be asked if a request that came then may use them.
    pub(crate) fn are_fresh_for(&self, arrival: Arrival) -> bool {
        arrival.at < self.refresh_at
    }

    /// As they can be stored, if they may be.
    pub(crate) fn snapshot(&self, issuer: &str, source: Option<&str>) -> Option<KeySnapshot> {
        Some(KeySnapshot {
            issuer: issuer.to_owned(),
            source: source.map(str::to_owned),
            jwks: self.set.text().to_owned(),
            fetched_at: self.fetched_at?,
            lifetime: self.lifetime.as_secs(),
            age: self.cached_for.as_secs(),
        })
    }
}

/// Why there are no (newer) keys.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum NoKeys {
    /// What was seen is all there is: the token stands or falls with it.
    NothingNewer,
    /// Whether there is something newer cannot be asked now. What was seen is a copy of what was published this long ago,
    /// so a token from before that stands or falls with it.
    Undecided { copy_age: Duration, retry_after: Duration },
    /// They could not be had, and it is not the token's fault. `kind` is that of the fetch that failed.
    Unavailable { retry_after: Duration, kind: Option<KeyErrorKind>, cause: String },
}

impl NoKeys {
    pub(crate) fn exhausted(retry_after: Duration) -> Self {
        Self::Unavailable { retry_after, kind: None, cause: EXHAUSTED.to_owned() }
    }
}

const EXHAUSTED: &str = "issuers found at run time have used up what they may fetch together";
