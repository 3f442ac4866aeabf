//! Tokens verified before.
//!
//! Kept is who was believed, and by which key set; nothing is remembered of a token that was refused. What time, an
//! operator or an issuer can change is judged again with each request, by whoever asks.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use foldhash::quality::RandomState;
use quick_cache::Lifecycle;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use crate::verifier::VerifiedToken;

/// Found by one hash under a random key and the comparison of the whole token; bounded in bytes.
pub(super) struct TokenCache {
    /// `None` if it is switched off.
    tokens: Option<Cache<Box<str>, Remembered, Weight, RandomState, CountEvictions>>,
    evictions: Arc<AtomicU64>,
}

/// Where a token is kept.
pub(super) struct Place {
    raw: Box<str>,
    /// Of the key set that it was verified by.
    generation: u64,
}

/// A token that was believed.
#[derive(Clone)]
pub(super) struct Remembered {
    pub(super) token: VerifiedToken,
    /// Of the key set that it was verified by.
    pub(super) generation: u64,
}

/// How the verified tokens that are kept do their work.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct CacheStatus {
    /// Tokens that are kept.
    pub tokens: u64,
    /// What they take, in bytes.
    pub bytes: u64,
    /// Requests whose token was found.
    pub hits: u64,
    /// Requests whose token was not.
    pub misses: u64,
    /// Tokens that had to go for others.
    pub evictions: u64,
}

impl TokenCache {
    /// Of at most so many bytes; with none it keeps nothing.
    pub(super) fn new(max_bytes: usize) -> Self {
        let evictions = Arc::<AtomicU64>::default();
        let tokens = (max_bytes > 0).then(|| {
            let lifecycle = CountEvictions(Arc::clone(&evictions));
            let expected = max_bytes / USUAL_WEIGHT;
            Cache::with(expected, max_bytes as u64, Weight, RandomState::default(), lifecycle)
        });
        Self { tokens, evictions }
    }

    pub(super) fn get(&self, raw: &str) -> Option<Remembered> {
        self.tokens.as_ref()?.get(raw)
    }

    /// Where a token is kept, once all of it was judged; `None` if nothing is kept.
    pub(super) fn place_for(&self, raw: &str, generation: u64) -> Option<Place> {
        self.tokens.as_ref().map(|_| Place { raw: raw.into(), generation })
    }

    pub(super) fn put(&self, place: Option<Place>, token: &VerifiedToken) {
        if let (Some(tokens), Some(Place { raw, generation })) = (&self.tokens, place) {
            tokens.insert(raw, Remembered { token: token.for_any_presenter(), generation });
        }
    }

    pub(super) fn forget(&self, raw: &str) {
        if let Some(tokens) = &self.tokens {
            tokens.remove(raw);
        }
    }

    pub(super) fn status(&self) -> CacheStatus {
        let Some(tokens) = &self.tokens else { return CacheStatus::default() };
        CacheStatus {
            tokens: tokens.len() as u64,
            bytes: tokens.weight(),
            hits: tokens.hits(),
            misses: tokens.misses(),
            evictions: self.evictions.load(Ordering::Relaxed),
        }
    }
}

/// No token is shown.
impl fmt::Debug for TokenCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenCache").field("status", &self.status()).finish_non_exhaustive()
    }
}

#[derive(Clone)]
struct Weight;

impl Weighter<Box<str>, Remembered> for Weight {
    fn weight(&self, raw: &Box<str>, remembered: &Remembered) -> u64 {
        (raw.len() + remembered.token.bytes() + BOOKKEEPING) as u64
    }
}

#[derive(Clone)]
struct CountEvictions(Arc<AtomicU64>);

impl Lifecycle<Box<str>, Remembered> for CountEvictions {
    /// What had to go, dropped when the lock is released.
    type RequestState = Vec<(Box<str>, Remembered)>;

    fn on_evict(&self, gone: &mut Self::RequestState, raw: Box<str>, remembered: Remembered) {
        self.0.fetch_add(1, Ordering::Relaxed);
        gone.push((raw, remembered));
    }
}

/// What the table and the allocator need for one token beside its own bytes.
const BOOKKEEPING: usize = 256;
/// For the size that the table begins with.
const USUAL_WEIGHT: usize = 3 * 1024;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::claims::ScopeHierarchy;
    use crate::verifier::sample;

    fn token() -> VerifiedToken {
        sample::token(&json!({"sub": "u"}), ScopeHierarchy::default())
    }

    #[test]
    fn only_the_very_token_is_found() {
        let cache = TokenCache::new(1 << 20);
        cache.put(cache.place_for("a.b.c", 7), &token());
        assert_eq!(cache.get("a.b.c").map(|found| found.generation), Some(7));
        for other in ["a.b.d", "a.b.", "A.b.c", "", "a.b.c "] {
            assert!(cache.get(other).is_none(), "{other}");
        }
        cache.forget("a.b.c");
        assert!(cache.get("a.b.c").is_none());
    }

    #[test]
    fn it_never_holds_more_than_it_may() {
        let bound = 256 * 1024;
        let cache = TokenCache::new(bound);
        let token = token();
        for number in 0..10_000 {
            cache.put(cache.place_for(&format!("{number:0>800}"), 1), &token);
            assert!(cache.status().bytes <= bound as u64);
        }
        let status = cache.status();
        assert!(status.tokens > 50 && status.evictions + status.tokens == 10_000, "{status:?}");
    }

    #[test]
    fn what_is_larger_than_all_of_it_is_not_kept() {
        let cache = TokenCache::new(1024);
        cache.put(cache.place_for(&"a".repeat(2000), 1), &token());
        assert_eq!(cache.status().tokens, 0);
    }

    #[test]
    fn switched_off_it_keeps_nothing() {
        let cache = TokenCache::new(0);
        cache.put(cache.place_for("a.b.c", 1), &token());
        assert!(cache.get("a.b.c").is_none());
        assert_eq!(cache.status(), CacheStatus::default());
    }

    #[test]
    fn hits_and_misses_are_counted() {
        let cache = TokenCache::new(1 << 20);
        cache.put(cache.place_for("a.b.c", 1), &token());
        for raw in ["a.b.c", "a.b.c", "x"] {
            cache.get(raw);
        }
        let status = cache.status();
        assert_eq!((status.tokens, status.hits, status.misses), (1, 2, 1));
    }

    #[test]
    fn debug_shows_no_token() {
        let cache = TokenCache::new(1 << 20);
        cache.put(cache.place_for("secret.b.c", 1), &token());
        assert!(!format!("{cache:?}").contains("secret"));
    }
}
