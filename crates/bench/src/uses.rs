//! Distinct uses of proofs, as many as are wanted.

use std::sync::Arc;
use std::time::Duration;

use claviger_core::MemoryReplayStore;
use claviger_core::ProofUse;
use claviger_core::ReplayVerdict;
use claviger_testing::TestClock;

/// A bounded store, and proofs that come at a steady rate.
#[derive(Debug)]
pub struct Uses {
    /// The store that is filled.
    pub store: MemoryReplayStore,
    clock: TestClock,
}

impl Uses {
    /// An empty store of at most so many bytes.
    #[must_use]
    pub fn within(max_bytes: usize) -> Self {
        let clock = TestClock::at_second(1_750_000_000);
        Self { store: MemoryReplayStore::new(max_bytes, Arc::new(clock.clone())), clock }
    }

    /// Records the distinct uses of this range, of so many keys in turn and so many a second; returns how many were
    /// recorded.
    ///
    /// # Panics
    ///
    /// If one of them is taken for another.
    #[must_use]
    pub fn record(&self, range: std::ops::Range<u64>, keys: u64, a_second: u64) -> u64 {
        let mut recorded = 0;
        for at in range {
            if at % a_second == 0 {
                self.clock.advance(Duration::from_secs(1));
            }
            let verdict = self.store.record(&distinct(at, keys));
            assert!(verdict != ReplayVerdict::Replayed, "{at} was never used before");
            recorded += u64::from(verdict == ReplayVerdict::FirstUse);
        }
        recorded
    }
}

/// The use with this number: of one of the keys, and of a proof that can be accepted for 330 s.
#[must_use]
pub fn distinct(at: u64, keys: u64) -> ProofUse {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&(at % keys).to_be_bytes());
    ProofUse::new(&key, &at.to_string(), Duration::from_secs(330))
}
