//! What is kept while there is room; what had to go for others is counted.

use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use quick_cache::DefaultHashBuilder;
use quick_cache::Lifecycle;
use quick_cache::UnitWeighter;
use quick_cache::sync::Cache;

use crate::verifier::meter;

/// What is kept while there is room.
pub(super) type Bounded<K, V> = Cache<K, V, UnitWeighter, DefaultHashBuilder, CountEvictions>;

/// Of at most so many; `what` they are is the label of the counter.
pub(super) fn bounded<K: Eq + Hash, V: Clone>(count: usize, what: &'static str) -> Bounded<K, V> {
    let hasher = DefaultHashBuilder::default();
    Cache::with(count, count as u64, UnitWeighter, hasher, CountEvictions::of(what))
}

/// Counts what had to go; clones count together.
#[derive(Clone, Debug)]
pub(super) struct CountEvictions {
    what: &'static str,
    count: Arc<AtomicU64>,
}

impl CountEvictions {
    /// `what` they are is the label of the counter.
    pub(super) fn of(what: &'static str) -> Self {
        Self { what, count: Arc::default() }
    }

    /// So far.
    pub(super) fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }
}

/// What had to go, dropped when the lock is released.
pub(super) struct Gone<K, V> {
    entries: Vec<(K, V)>,
    /// The first of them goes for its own successor.
    is_resized: bool,
}

impl<K, V> Gone<K, V> {
    /// Of a request that replaces an entry by the same one of another size, which is no eviction.
    pub(super) fn of_resized() -> Self {
        Self { entries: Vec::new(), is_resized: true }
    }
}

impl<K, V> Default for Gone<K, V> {
    fn default() -> Self {
        Self { entries: Vec::new(), is_resized: false }
    }
}

impl<K, V> Lifecycle<K, V> for CountEvictions {
    type RequestState = Gone<K, V>;

    fn on_evict(&self, gone: &mut Self::RequestState, key: K, value: V) {
        if !(gone.is_resized && gone.entries.is_empty()) {
            self.count.fetch_add(1, Ordering::Relaxed);
            meter::evicted(self.what);
        }
        gone.entries.push((key, value));
    }
}
