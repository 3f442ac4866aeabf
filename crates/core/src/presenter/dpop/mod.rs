//! Demonstrating proof of possession (RFC 9449): the proof, the URI it is for, nonces, and its one use.

// The proof, cheapest check first.
mod header;
mod key;
mod path;
mod payload;
mod proof;
mod target;

// What needs memory of some kind.
mod memory;
mod nonce;
mod replay;

// What the operator says.
mod mode;
mod secret;
mod settings;

pub use memory::MemoryReplayStore;
pub use mode::DpopMode;
pub(crate) use nonce::Nonce;
pub(crate) use nonce::Nonces;
pub(crate) use proof::Claimed;
#[cfg(feature = "vectors")]
pub(crate) use proof::Proof;
pub(crate) use proof::ProofRules;
#[cfg(feature = "vectors")]
pub(crate) use proof::UnverifiedProof;
pub use replay::ProofUse;
pub(crate) use replay::Recorded;
pub(crate) use replay::Replay;
pub use replay::ReplayFuture;
pub use replay::ReplayStore;
pub use replay::ReplayVerdict;
pub use replay::StoreFailure;
pub use secret::NonceSecret;
pub use settings::DpopSettings;
pub use target::TargetUri;
