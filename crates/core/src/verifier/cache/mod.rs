//! Tokens verified before.
//!
//! Kept is who was believed, and by which key set; nothing is remembered of a token that was refused. What time, an
//! operator or an issuer can change is judged again with each request, by whoever asks.

mod name;

use std::fmt;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use foldhash::quality::RandomState;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use crate::striped::Striped;
use crate::verifier::VerifiedToken;
use crate::verifier::bounded::CountEvictions;
use crate::verifier::cache::name::Hashed;
use crate::verifier::meter;

pub(super) use name::Name;
pub(super) use name::NameHash;

type Tokens = Cache<Name<Box<str>>, Remembered, Weight, Hashed, CountEvictions>;

/// Found by one hash under a random key and the comparison of the whole token; bounded in bytes. Threads that find
/// tokens write nothing that another one reads.
pub(super) struct TokenCache {
    /// `None` if it is switched off.
    tokens: Option<Tokens>,
    key: RandomState,
    hits: Striped<AtomicU64>,
    misses: AtomicU64,
    evictions: CountEvictions,
}

/// Where a token is kept.
pub(super) struct Place {
    name: Name<Box<str>>,
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
        let evictions = CountEvictions::of("token");
        let tokens = (max_bytes > 0).then(|| {
            let expected = max_bytes / USUAL_WEIGHT;
            Cache::with(expected, max_bytes as u64, Weight, Hashed::default(), evictions.clone())
        });
        Self { tokens, key: RandomState::default(), hits: Striped::new(), misses: AtomicU64::new(0), evictions }
    }

    pub(super) fn hash(&self, raw: &str) -> NameHash {
        if self.tokens.is_some() { NameHash::of(raw, &self.key) } else { NameHash::NONE }
    }

    pub(super) fn get(&self, name: &Name<&str>) -> Option<Remembered> {
        let found = self.tokens.as_ref()?.get(name);
        if found.is_some() {
            if let Some(hits) = self.hits.own() {
                hits.fetch_add(1, Ordering::Relaxed);
            }
            meter::looked_for("hit");
        } else {
            self.misses.fetch_add(1, Ordering::Relaxed);
            meter::looked_for("miss");
        }
        found
    }

    /// Where a token is kept, once all of it was judged; `None` if nothing is kept.
    pub(super) fn place_for(&self, name: Name<&str>, generation: u64) -> Option<Place> {
        self.tokens.as_ref().map(|_| Place { name: name.into_owned(), generation })
    }

    pub(super) fn put(&self, place: Option<Place>, token: &VerifiedToken) {
        if let (Some(tokens), Some(Place { name, generation })) = (&self.tokens, place) {
            tokens.insert(name, Remembered { token: token.for_any_presenter(), generation });
        }
    }

    pub(super) fn forget(&self, name: &Name<&str>) {
        if let Some(tokens) = &self.tokens {
            tokens.remove(name);
        }
    }

    pub(super) fn status(&self) -> CacheStatus {
        let Some(tokens) = &self.tokens else { return CacheStatus::default() };
        CacheStatus {
            tokens: tokens.len() as u64,
            bytes: tokens.weight(),
            hits: self.hits.iter().map(|hits| hits.load(Ordering::Relaxed)).sum(),
            misses: self.misses.load(Ordering::Relaxed),
            evictions: self.evictions.count(),
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

impl Weighter<Name<Box<str>>, Remembered> for Weight {
    fn weight(&self, name: &Name<Box<str>>, remembered: &Remembered) -> u64 {
        (name.raw.len() + remembered.token.bytes() + BOOKKEEPING) as u64
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

    fn name<'a>(cache: &TokenCache, raw: &'a str) -> Name<&'a str> {
        Name::new(raw, cache.hash(raw))
    }

    fn put(cache: &TokenCache, raw: &str, generation: u64) {
        cache.put(cache.place_for(name(cache, raw), generation), &token());
    }

    fn generation(cache: &TokenCache, raw: &str) -> Option<u64> {
        cache.get(&name(cache, raw)).map(|found| found.generation)
    }

    #[test]
    fn only_the_very_token_is_found() {
        let cache = TokenCache::new(1 << 20);
        put(&cache, "a.b.c", 7);
        assert_eq!(generation(&cache, "a.b.c"), Some(7));
        for other in ["a.b.d", "a.b.", "A.b.c", "", "a.b.c "] {
            assert_eq!(generation(&cache, other), None, "{other}");
        }
        cache.forget(&name(&cache, "a.b.c"));
        assert_eq!(generation(&cache, "a.b.c"), None);
    }

    /// Whoever could make two tokens of one hash would find the other one's place, and not its owner.
    #[test]
    fn tokens_of_one_hash_are_told_apart() {
        let cache = TokenCache::new(1 << 20);
        let name = |raw| Name::new(raw, cache.hash("one for all"));
        for (raw, generation) in [("a.b.c", 1), ("a.b.d", 2)] {
            cache.put(cache.place_for(name(raw), generation), &token());
        }
        for (raw, generation) in [("a.b.c", Some(1)), ("a.b.d", Some(2)), ("a.b.e", None)] {
            assert_eq!(cache.get(&name(raw)).map(|found| found.generation), generation);
        }
    }

    #[test]
    fn hits_of_all_threads_are_counted() {
        let cache = TokenCache::new(1 << 20);
        put(&cache, "a.b.c", 1);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..100).for_each(|_| assert_eq!(generation(&cache, "a.b.c"), Some(1))));
            }
        });
        assert_eq!(cache.status().hits, 400);
    }

    #[test]
    fn it_never_holds_more_than_it_may() {
        let bound = 256 * 1024;
        let cache = TokenCache::new(bound);
        let token = token();
        for number in 0..10_000 {
            let place = cache.place_for(name(&cache, &format!("{number:0>800}")), 1);
            cache.put(place, &token);
            assert!(cache.status().bytes <= bound as u64);
        }
        let status = cache.status();
        assert!(status.tokens > 50 && status.evictions + status.tokens == 10_000, "{status:?}");
    }

    #[test]
    fn what_is_larger_than_all_of_it_is_not_kept() {
        let cache = TokenCache::new(1024);
        put(&cache, &"a".repeat(2000), 1);
        assert_eq!(cache.status().tokens, 0);
    }

    #[test]
    fn switched_off_it_keeps_nothing() {
        let cache = TokenCache::new(0);
        put(&cache, "a.b.c", 1);
        assert_eq!(generation(&cache, "a.b.c"), None);
        assert_eq!(cache.status(), CacheStatus::default());
    }

    #[test]
    fn hits_and_misses_are_counted() {
        let cache = TokenCache::new(1 << 20);
        put(&cache, "a.b.c", 1);
        for raw in ["a.b.c", "a.b.c", "x"] {
            generation(&cache, raw);
        }
        let status = cache.status();
        assert_eq!((status.tokens, status.hits, status.misses), (1, 2, 1));
    }

    #[test]
    fn debug_shows_no_token() {
        let cache = TokenCache::new(1 << 20);
        put(&cache, "secret.b.c", 1);
        assert!(!format!("{cache:?}").contains("secret"));
    }
}
