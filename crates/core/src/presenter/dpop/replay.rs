//! The one use of a proof (RFC 9449, section 11.1).

use std::error::Error;
use std::fmt;
use std::fmt::Debug;
use std::pin::Pin;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::error::Excerpt;
use crate::error::Failure;
use crate::presenter::dpop::MemoryReplayStore;
use crate::signature::digest::Octets;
use crate::signature::digest::sha256;

/// Remembers which proofs were used, so that none is used twice; for many instances behind one address it is theirs
/// together.
///
/// It is asked last, when everything else about a request's token and proof has passed.
pub trait ReplayStore: Debug + Send + Sync + 'static {
    /// Records this use and tells whether it is the first, both in one step: of many that come at once, one is the first.
    ///
    /// A use is remembered for its [`lifetime`](ProofUse::lifetime) at least.
    fn record<'a>(&'a self, proof: &'a ProofUse) -> ReplayFuture<'a>;

    /// How long an answer is waited for; then the store counts as unreachable. 100 ms, unless this says otherwise.
    fn deadline(&self) -> Duration {
        Duration::from_millis(100)
    }
}

/// What a [`ReplayStore`] returns; the text of an error is for the log alone.
pub type ReplayFuture<'a> =
    Pin<Box<dyn Future<Output = Result<ReplayVerdict, Box<dyn Error + Send + Sync>>> + Send + 'a>>;

/// Whether a use of a proof is its first.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ReplayVerdict {
    /// It is, and was recorded.
    FirstUse,
    /// It was used before.
    Replayed,
    /// Nothing was recorded, because there is no room: for this key, or for anybody.
    Full {
        /// How long until there may be.
        retry_after: Duration,
    },
}

/// One use of one proof: the key and the `jti` of the proof, as a digest of both.
///
/// ```
/// use std::time::Duration;
///
/// use claviger_core::ProofUse;
///
/// let proof = ProofUse::new(&[7; 32], "jti", Duration::from_secs(300));
/// assert_eq!(proof.digest(), ProofUse::new(&[7; 32], "jti", Duration::ZERO).digest());
/// assert_ne!(proof.digest(), ProofUse::new(&[8; 32], "jti", Duration::ZERO).digest());
/// ```
#[derive(Clone, Debug)]
pub struct ProofUse {
    digest: Octets,
    key: Octets,
    lifetime: Duration,
}

impl ProofUse {
    /// Of the proof with this `jti` by the key with this SHA-256 thumbprint, which can be accepted for so long.
    #[must_use]
    pub fn new(thumbprint: &[u8; 32], id: &str, lifetime: Duration) -> Self {
        Self { digest: sha256(&[thumbprint, id.as_bytes()]), key: *thumbprint, lifetime }
    }

    /// SHA-256 over the thumbprint and the `jti`: what is the same where both are.
    #[must_use]
    pub fn digest(&self) -> &[u8; 32] {
        &self.digest
    }

    /// The digest in base64url without padding, for stores whose names are text.
    #[must_use]
    pub fn name(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.digest)
    }

    /// The SHA-256 thumbprint of the key.
    #[must_use]
    pub fn thumbprint(&self) -> &[u8; 32] {
        &self.key
    }

    /// How long it must be remembered: until the proof can no longer be accepted, and a little longer, because clocks are
    /// set back.
    #[must_use]
    pub fn lifetime(&self) -> Duration {
        self.lifetime
    }
}

/// What is done with good proofs while the store of others cannot be reached.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum StoreFailure {
    /// They are answered 503. The default.
    #[default]
    Refuse,
    /// They are accepted, logged and counted: some may be used twice meanwhile.
    Accept,
}

impl FromStr for StoreFailure {
    type Err = &'static str;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "refuse" => Ok(Self::Refuse),
            "accept" => Ok(Self::Accept),
            _ => Err("must be \"refuse\" or \"accept\""),
        }
    }
}

/// Where uses are recorded.
#[derive(Debug)]
pub(crate) enum Replay {
    Off,
    Memory(MemoryReplayStore),
    Store(Shared),
}

/// A store that is awaited.
#[derive(Clone)]
pub(crate) struct Shared {
    store: Arc<dyn ReplayStore>,
    on_failure: StoreFailure,
}

/// Whether a use may go on, or who has to be asked.
pub(crate) enum Recorded {
    Decided(Result<(), Failure>),
    Ask(Shared),
}

impl Replay {
    pub(crate) fn record(&self, proof: &ProofUse) -> Recorded {
        match self {
            Self::Off => Recorded::Decided(Ok(())),
            Self::Memory(store) => Recorded::Decided(judge(store.record(proof))),
            Self::Store(shared) => Recorded::Ask(shared.clone()),
        }
    }
}

impl Shared {
    pub(super) fn new(store: Arc<dyn ReplayStore>, on_failure: StoreFailure) -> Self {
        Self { store, on_failure }
    }

    /// # Errors
    ///
    /// [`Failure::ProofReplayed`], or [`Failure::StoreUnavailable`].
    pub(crate) async fn record(self, proof: ProofUse) -> Result<(), Failure> {
        let answer = tokio::time::timeout(self.store.deadline(), self.store.record(&proof)).await;
        let cause = match answer {
            Ok(Ok(verdict)) => return judge(verdict),
            Ok(Err(error)) => Excerpt::of(&error.to_string()).as_str().to_owned(),
            Err(_) => "no answer in time".to_owned(),
        };
        count_failure();
        match self.on_failure {
            StoreFailure::Refuse => Err(Failure::StoreUnavailable { retry_after: RETRY_AFTER, cause }),
            StoreFailure::Accept => {
                tracing::warn!(cause, "accepted a proof that the replay store could not judge");
                Ok(())
            }
        }
    }
}

impl Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("store", &self.store).field("on_failure", &self.on_failure).finish()
    }
}

fn judge(verdict: ReplayVerdict) -> Result<(), Failure> {
    match verdict {
        ReplayVerdict::FirstUse => Ok(()),
        ReplayVerdict::Replayed => Err(Failure::ProofReplayed),
        ReplayVerdict::Full { retry_after } => {
            let cause = "the share of the key, or the store, is full".to_owned();
            Err(Failure::StoreUnavailable { retry_after, cause })
        }
    }
}

#[cfg(feature = "metrics")]
fn count_failure() {
    metrics::counter!("claviger_replay_store_failures_total").increment(1);
}

#[cfg(not(feature = "metrics"))]
fn count_failure() {}

const RETRY_AFTER: Duration = Duration::from_secs(1);
