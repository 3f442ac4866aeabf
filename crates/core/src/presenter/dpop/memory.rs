//! Uses of proofs in the memory of one process, within a bound.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::fmt;
use std::hash::BuildHasher;
use std::hash::RandomState;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use crate::clock::Clock;
use crate::presenter::dpop::ProofUse;
use crate::presenter::dpop::ReplayFuture;
use crate::presenter::dpop::ReplayStore;
use crate::presenter::dpop::ReplayVerdict;

/// Remembers the uses of proofs in the memory of this process: the default store.
///
/// It never forgets a use before its time, so it refuses new ones where it is full. No key gets more than a 64th of it, or
/// 1,000 uses if that is more, so that one client cannot lock others out. What it takes grows with what it holds, up to
/// its bound. It ends with the process, so that a proof that was used before a restart can be used once more until it is
/// too old.
///
/// ```
/// use std::sync::Arc;
/// use std::time::Duration;
///
/// use claviger_core::MemoryReplayStore;
/// use claviger_core::ProofUse;
/// use claviger_core::ReplayVerdict;
/// use claviger_core::clock::SystemClock;
///
/// let store = MemoryReplayStore::new(1024 * 1024, Arc::new(SystemClock::new()));
/// let proof = ProofUse::new(&[7; 32], "jti", Duration::from_secs(300));
/// assert_eq!(store.record(&proof), ReplayVerdict::FirstUse);
/// assert_eq!(store.record(&proof), ReplayVerdict::Replayed);
/// ```
pub struct MemoryReplayStore {
    clock: Arc<dyn Clock>,
    /// Uses.
    capacity: usize,
    /// Uses of one key.
    share: usize,
    state: Mutex<State>,
}

/// Half of a digest is enough: who finds two proofs that share it has locked out a proof of their own.
type Fingerprint = [u8; 16];

#[derive(Default)]
struct State {
    /// The key of each use, by a hash of its own.
    uses: HashMap<Fingerprint, u64>,
    by_key: HashMap<u64, usize>,
    /// By the second of the monotonic clock in which they end.
    ends: BTreeMap<u64, Vec<Fingerprint>>,
    hasher: RandomState,
}

impl MemoryReplayStore {
    /// An empty store that never takes more than these bytes. Its time is the clock's monotonic one.
    #[must_use]
    pub fn new(max_bytes: usize, clock: Arc<dyn Clock>) -> Self {
        let capacity = max_bytes / BYTES;
        let share = (capacity / SHARES).max(MIN_SHARE).min(capacity);
        Self { clock, capacity, share, state: Mutex::default() }
    }

    /// Records this use and tells whether it is the first; nothing has to be awaited.
    #[must_use = "what was recorded may have been used before"]
    pub fn record(&self, proof: &ProofUse) -> ReplayVerdict {
        let now = self.clock.monotonic();
        let end = now.saturating_add(proof.lifetime()).as_secs().saturating_add(1);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.forget(now.as_secs());
        let fingerprint = fingerprint(proof.digest());
        if state.uses.contains_key(&fingerprint) {
            return ReplayVerdict::Replayed;
        }
        let key = state.hasher.hash_one(proof.thumbprint());
        let is_full = state.uses.len() >= self.capacity;
        let of_key = state.by_key.get(&key).copied().unwrap_or_default();
        if is_full || of_key >= self.share {
            return ReplayVerdict::Full { retry_after: state.next_end(now) };
        }
        state.by_key.insert(key, of_key + 1);
        state.uses.insert(fingerprint, key);
        state.ends.entry(end).or_default().push(fingerprint);
        ReplayVerdict::FirstUse
    }

    /// How many uses it can hold.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// How many uses of one key it can hold.
    #[must_use]
    pub fn share(&self) -> usize {
        self.share
    }
}

impl ReplayStore for MemoryReplayStore {
    fn record<'a>(&'a self, proof: &'a ProofUse) -> ReplayFuture<'a> {
        let verdict = self.record(proof);
        Box::pin(async move { Ok(verdict) })
    }
}

impl fmt::Debug for MemoryReplayStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryReplayStore")
            .field("capacity", &self.capacity)
            .field("share", &self.share)
            .finish_non_exhaustive()
    }
}

impl State {
    /// Some of those that have ended: more than come, so that none stay for long, and few, so that nobody waits for it.
    /// One that has ended and is still here counts as used, which a fresh `jti` never meets.
    fn forget(&mut self, now: u64) {
        for _ in 0..FORGOTTEN_AT_ONCE {
            let Some(mut first) = self.ends.first_entry().filter(|first| *first.key() <= now) else { return };
            match first.get_mut().pop() {
                Some(ended) => self.remove(&ended),
                None => drop(first.remove()),
            }
        }
    }

    fn remove(&mut self, ended: &Fingerprint) {
        let Some(key) = self.uses.remove(ended) else { return };
        match self.by_key.get_mut(&key) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(self.by_key.remove(&key)),
        }
    }

    fn next_end(&self, now: Duration) -> Duration {
        let first = self.ends.first_key_value().map_or(0, |(end, _)| *end);
        Duration::from_secs(first).saturating_sub(now)
    }
}

fn fingerprint(digest: &[u8; 32]) -> Fingerprint {
    let mut fingerprint = Fingerprint::default();
    fingerprint.copy_from_slice(&digest[..16]);
    fingerprint
}

/// At the worst, of each use: two tables that have just grown, while they grow, and a list with room for twice as many.
const BYTES: usize = 192;
const SHARES: usize = 64;
const MIN_SHARE: usize = 1000;
const FORGOTTEN_AT_ONCE: usize = 64;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Debug, Default)]
    struct Hand(Mutex<Duration>);

    impl Hand {
        fn set(&self, second: u64) {
            *self.0.lock().unwrap() = Duration::from_secs(second);
        }
    }

    impl Clock for Hand {
        fn unix(&self) -> Option<Duration> {
            None
        }

        fn monotonic(&self) -> Duration {
            *self.0.lock().unwrap()
        }
    }

    fn store(uses: usize) -> (MemoryReplayStore, Arc<Hand>) {
        let hand = Arc::new(Hand::default());
        (MemoryReplayStore::new(uses * BYTES, Arc::clone(&hand) as Arc<dyn Clock>), hand)
    }

    fn used(key: u8, id: usize, seconds: u64) -> ProofUse {
        ProofUse::new(&[key; 32], &id.to_string(), Duration::from_secs(seconds))
    }

    #[test]
    fn a_use_is_remembered_until_its_end_and_not_for_ever() {
        let (store, hand) = store(10);
        assert_eq!(store.record(&used(1, 1, 300)), ReplayVerdict::FirstUse);
        for second in [0, 1, 299, 300] {
            hand.set(second);
            assert_eq!(store.record(&used(1, 1, 300)), ReplayVerdict::Replayed, "{second}");
        }
        assert_eq!(store.record(&used(2, 1, 300)), ReplayVerdict::FirstUse, "another key");
        hand.set(301);
        assert_eq!(store.record(&used(1, 1, 300)), ReplayVerdict::FirstUse);
    }

    #[test]
    fn a_key_has_its_share_and_no_more() {
        let (store, hand) = store(64 * 2000);
        assert_eq!((store.capacity(), store.share()), (128_000, 2000));
        for id in 0..2000 {
            assert_eq!(store.record(&used(1, id, 100)), ReplayVerdict::FirstUse);
        }
        hand.set(40);
        let full = ReplayVerdict::Full { retry_after: Duration::from_secs(61) };
        assert_eq!(store.record(&used(1, 2000, 100)), full);
        assert_eq!(store.record(&used(1, 7, 100)), ReplayVerdict::Replayed, "what is used is used");
        assert_eq!(store.record(&used(2, 2000, 100)), ReplayVerdict::FirstUse, "others are served");
        hand.set(101);
        assert_eq!(store.record(&used(1, 2000, 100)), ReplayVerdict::FirstUse);
    }

    #[test]
    fn a_small_store_gives_a_key_a_thousand() {
        assert_eq!(store(1500).0.share(), 1000);
        assert_eq!(store(500).0.share(), 500);
    }

    #[test]
    fn what_is_full_refuses_and_forgets_nothing() {
        let (store, hand) = store(100);
        for key in 0..100 {
            assert_eq!(store.record(&used(key, 0, 300)), ReplayVerdict::FirstUse);
        }
        assert!(matches!(store.record(&used(100, 0, 300)), ReplayVerdict::Full { .. }));
        assert!((0..100).all(|key| store.record(&used(key, 0, 300)) == ReplayVerdict::Replayed));
        hand.set(301);
        assert_eq!(store.record(&used(100, 0, 300)), ReplayVerdict::FirstUse);
        assert!(store.state.lock().unwrap().uses.len() <= 37, "64 at once are forgotten");
    }

    proptest! {
        /// Against a list of all uses: no use passes twice in its time, and no more are held than there is room for.
        #[test]
        fn no_use_passes_twice_and_no_more_are_held(steps in proptest::collection::vec((0_u8..8, 0_usize..40, 1_u64..60, 0_u64..4), 1..400)) {
            let (store, hand) = store(60);
            let (mut now, mut passed) = (0, Vec::new());
            for (key, id, lifetime, wait) in steps {
                now += wait;
                hand.set(now);
                passed.retain(|(_, _, end)| *end >= now);
                let is_known = passed.iter().any(|(known_key, known, _)| (*known_key, *known) == (key, id));
                match store.record(&used(key, id, lifetime)) {
                    ReplayVerdict::FirstUse => {
                        prop_assert!(!is_known);
                        passed.push((key, id, now + lifetime));
                    }
                    ReplayVerdict::Replayed => prop_assert!(is_known),
                    ReplayVerdict::Full { .. } => prop_assert!(passed.len() >= 60),
                }
                let state = store.state.lock().unwrap();
                prop_assert!(state.uses.len() <= 60);
                prop_assert_eq!(state.uses.len(), state.by_key.values().sum::<usize>());
                prop_assert_eq!(state.uses.len(), state.ends.values().map(Vec::len).sum::<usize>());
            }
        }
    }
}
