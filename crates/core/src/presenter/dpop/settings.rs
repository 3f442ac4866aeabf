//! What an operator says about DPoP, and its checks.

use std::sync::Arc;
use std::time::Duration;

use crate::clock::Clock;
use crate::error::Problems;
use crate::presenter::PresenterRules;
use crate::presenter::dpop::DpopMode;
use crate::presenter::dpop::MemoryReplayStore;
use crate::presenter::dpop::NonceSecret;
use crate::presenter::dpop::Nonces;
use crate::presenter::dpop::ProofRules;
use crate::presenter::dpop::Replay;
use crate::presenter::dpop::ReplayStore;
use crate::presenter::dpop::StoreFailure;
use crate::presenter::dpop::replay::Shared;
use crate::signature::digest::random_octets;
use crate::token::Algorithm;

/// How proofs of possession are judged (RFC 9449): checked when the verifier is built.
///
/// # Defaults
///
/// | Option | Default |
/// |---|---|
/// | mode | [`DpopMode::Allowed`] |
/// | algorithms | ES256, ES384, Ed25519, RS256, PS256 |
/// | a proof's age | from 300 s ago to 30 s ahead |
/// | nonces | off |
/// | replay | in memory, 256 MiB at the most |
/// | an unreachable replay store | [`StoreFailure::Refuse`] |
///
/// ```
/// use std::time::Duration;
///
/// use claviger_core::DpopMode;
/// use claviger_core::DpopSettings;
/// use claviger_core::Issuer;
/// use claviger_core::NonceSecret;
/// use claviger_core::Verifier;
///
/// let dpop = DpopSettings::new(DpopMode::Required)
///     .with_proof_max_age(Duration::from_secs(60))
///     .require_nonce([NonceSecret::from_env("DPOP_NONCE_SECRET")]);
/// let issuer = Issuer::new("https://issuer.example", "https://api.example");
/// let error = Verifier::builder(issuer).with_dpop(dpop).build().unwrap_err();
/// assert_eq!(error.problems()[0].path(), "dpop.nonce_secrets[0]");
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct DpopSettings {
    mode: DpopMode,
    algorithms: Vec<Algorithm>,
    proof_max_age: Duration,
    proof_leeway: Duration,
    nonce: NonceDemand,
    nonce_secrets: Vec<NonceSecret>,
    replay: ReplayChoice,
    store_failure: StoreFailure,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum NonceDemand {
    Off,
    Required,
}

#[derive(Clone, Debug)]
enum ReplayChoice {
    Off,
    Memory { max_bytes: usize },
    Store(Arc<dyn ReplayStore>),
}

impl DpopSettings {
    /// This mode, and everything else by default.
    pub fn new(mode: DpopMode) -> Self {
        Self {
            mode,
            algorithms: DEFAULT_ALGORITHMS.to_vec(),
            proof_max_age: Duration::from_secs(300),
            proof_leeway: Duration::from_secs(30),
            nonce: NonceDemand::Off,
            nonce_secrets: Vec::new(),
            replay: ReplayChoice::Memory { max_bytes: DEFAULT_REPLAY_BYTES },
            store_failure: StoreFailure::default(),
        }
    }

    /// Which schemes are taken, and whether tokens must be bound.
    pub fn with_mode(mut self, mode: DpopMode) -> Self {
        self.mode = mode;
        self
    }

    /// The algorithms that proofs may be signed with, which challenges and metadata name in this order.
    pub fn with_algorithms(mut self, algorithms: impl IntoIterator<Item = Algorithm>) -> Self {
        self.algorithms.clear();
        for algorithm in algorithms {
            if !self.algorithms.contains(&algorithm) {
                self.algorithms.push(algorithm);
            }
        }
        self
    }

    /// How old the `iat` of a proof may be, inclusive.
    pub fn with_proof_max_age(mut self, age: Duration) -> Self {
        self.proof_max_age = age;
        self
    }

    /// How far in the future the `iat` of a proof may be, inclusive: 0 to 300 s.
    pub fn with_proof_leeway(mut self, leeway: Duration) -> Self {
        self.proof_leeway = leeway;
        self
    }

    /// Demands a nonce of ours in each proof (RFC 9449, section 9). The first secret makes them, all are known: so a new one
    /// is put first, and an old one dropped ten minutes later. Without a secret each process makes its own when it is
    /// built, and nonces of other instances are not known.
    pub fn require_nonce(mut self, secrets: impl IntoIterator<Item = NonceSecret>) -> Self {
        self.nonce = NonceDemand::Required;
        self.with_nonce_secrets(secrets)
    }

    /// The secrets of nonces, where they are demanded.
    pub fn with_nonce_secrets(mut self, secrets: impl IntoIterator<Item = NonceSecret>) -> Self {
        self.nonce_secrets = secrets.into_iter().collect();
        self
    }

    /// Remembers the uses of proofs in the memory of this process, in at most so many bytes. See [`MemoryReplayStore`].
    pub fn with_replay_memory(mut self, max_bytes: usize) -> Self {
        self.replay = ReplayChoice::Memory { max_bytes };
        self
    }

    /// Remembers the uses of proofs elsewhere: for instances that serve one address together.
    pub fn with_replay_store(mut self, store: impl ReplayStore) -> Self {
        self.replay = ReplayChoice::Store(Arc::new(store));
        self
    }

    /// Accepts a proof as often as it comes, while it is not too old: for clients that send a request again as it was.
    pub fn without_replay_detection(mut self) -> Self {
        self.replay = ReplayChoice::Off;
        self
    }

    /// What is done while the store of [`with_replay_store`](Self::with_replay_store) cannot be reached.
    pub fn with_store_failure(mut self, on_failure: StoreFailure) -> Self {
        self.store_failure = on_failure;
        self
    }

    /// The mode.
    #[must_use]
    pub fn mode(&self) -> DpopMode {
        self.mode
    }

    /// Returns the names of the accepted algorithms, as `algs` and the metadata list them. Ed25519 has two, because some
    /// clients know only `EdDSA` and others only `Ed25519` (RFC 9864, section 2.2).
    ///
    /// ```
    /// use claviger_core::Algorithm;
    /// use claviger_core::DpopSettings;
    ///
    /// let settings = DpopSettings::default().with_algorithms([Algorithm::Ed25519, Algorithm::Es256]);
    /// assert!(settings.algorithm_names().eq(["EdDSA", "Ed25519", "ES256"]));
    /// ```
    pub fn algorithm_names(&self) -> impl Iterator<Item = &'static str> {
        let older_name = |algorithm: Algorithm| (algorithm == Algorithm::Ed25519).then_some("EdDSA");
        self.algorithms.iter().flat_map(move |algorithm| older_name(*algorithm).into_iter().chain([algorithm.as_str()]))
    }

    /// Checks all that can be wrong with them.
    pub(crate) fn check(&self, clock: &Arc<dyn Clock>, problems: &mut Problems) -> PresenterRules {
        if self.algorithms.is_empty() {
            problems.add("dpop.algorithms", "must not be empty; leave it out instead");
        }
        if self.proof_max_age < Duration::from_secs(1) {
            problems.add("dpop.proof_max_age", "must be at least 1 s");
        }
        if self.proof_leeway > MAX_LEEWAY {
            problems.add("dpop.proof_leeway", "must be 0 to 300 s");
        }
        let secrets = self.secrets(problems);
        self.tell_of_lonely_nonces();
        PresenterRules {
            mode: self.mode,
            proof: self.proof_rules(),
            nonces: (self.nonce == NonceDemand::Required).then(|| Nonces::new(secrets)),
            replay: match &self.replay {
                ReplayChoice::Off => Replay::Off,
                ReplayChoice::Memory { max_bytes } => {
                    if *max_bytes < MIN_REPLAY_BYTES {
                        problems.add("dpop.replay", "must have at least 256 KiB of memory");
                    }
                    Replay::Memory(MemoryReplayStore::new(*max_bytes, Arc::clone(clock)))
                }
                ReplayChoice::Store(store) => Replay::Store(Shared::new(Arc::clone(store), self.store_failure)),
            },
        }
    }

    pub(crate) fn proof_rules(&self) -> ProofRules {
        ProofRules {
            algorithms: self.algorithms.clone(),
            max_age: self.proof_max_age.as_secs_f64(),
            leeway: self.proof_leeway.as_secs_f64(),
        }
    }

    /// Says so where clients of several instances would be told one nonce after another.
    fn tell_of_lonely_nonces(&self) {
        let is_shared = matches!(self.replay, ReplayChoice::Store(_));
        if self.nonce == NonceDemand::Required && self.nonce_secrets.is_empty() && is_shared {
            tracing::warn!("{LONELY_NONCES}");
        }
    }

    /// One at least where nonces are demanded.
    fn secrets(&self, problems: &mut Problems) -> Vec<Box<[u8]>> {
        let mut secrets = Vec::with_capacity(self.nonce_secrets.len());
        for (at, secret) in self.nonce_secrets.iter().enumerate() {
            match secret.read() {
                Ok(secret) => secrets.push(secret),
                Err(message) => problems.add(format!("dpop.nonce_secrets[{at}]"), message),
            }
        }
        if self.nonce == NonceDemand::Required && self.nonce_secrets.is_empty() {
            match random_octets() {
                Some(octets) => secrets.push(octets.into()),
                None => problems.add("dpop.nonce_secrets", "must be given, for this machine has no randomness"),
            }
        }
        secrets
    }
}

impl Default for DpopSettings {
    fn default() -> Self {
        Self::new(DpopMode::default())
    }
}

const DEFAULT_ALGORITHMS: [Algorithm; 5] =
    [Algorithm::Es256, Algorithm::Es384, Algorithm::Ed25519, Algorithm::Rs256, Algorithm::Ps256];
const DEFAULT_REPLAY_BYTES: usize = 256 * 1024 * 1024;
/// A key gets 1,000 uses of it.
const MIN_REPLAY_BYTES: usize = 256 * 1024;
const LONELY_NONCES: &str = "nonces are known to this process alone, for there are no `nonce_secrets`; instances that share \
                             a replay store need them in common";
const MAX_LEEWAY: Duration = Duration::from_secs(300);
