//! Tokens verified before.
//!
//! Kept is who was believed, and by which key set; nothing is remembered of a token that was refused. What time, an
//! operator or an issuer can change is judged again with each request, by whoever asks.

pub(super) mod name;

use std::fmt;
use std::sync::Arc;
use std::sync::Weak;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use foldhash::quality::RandomState;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use crate::striped::Striped;
use crate::verifier::VerifiedToken;
use crate::verifier::bounded::CountEvictions;
use crate::verifier::bounded::Gone;
use crate::verifier::cache::name::Hashed;
use crate::verifier::meter;
use crate::verifier::parsed::Entry;
use crate::verifier::parsed::Resize;

pub(super) use name::Name;
pub(super) use name::NameHash;

struct Tokens(Cache<Name<Arc<str>>, Remembered, Weight, Hashed, CountEvictions>);

/// Found by one hash under a random key and the comparison of the whole token; bounded in bytes. Threads that find
/// tokens write nothing that another one reads.
pub(super) struct TokenCache {
    /// `None` if it is switched off. Tokens know it, to have claims counted that are asked for later.
    tokens: Option<Arc<Tokens>>,
    key: RandomState,
    hits: Striped<AtomicU64>,
    misses: AtomicU64,
    evictions: CountEvictions,
}

/// Where a token is kept.
pub(super) struct Place {
    name: Name<Arc<str>>,
    /// Of the key set that it was verified by.
    generation: u64,
}

/// A token that was believed.
#[derive(Clone)]
pub(super) struct Remembered {
    pub(super) token: VerifiedToken,
    /// Of the key set that it was verified by.
    pub(super) generation: u64,
    /// What the entry takes. Fixed, because the table takes off what it has added.
    weight: usize,
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
            let tokens = Cache::with(expected, max_bytes as u64, Weight, Hashed::default(), evictions.clone());
            Arc::new(Tokens(tokens))
        });
        Self { tokens, key: RandomState::default(), hits: Striped::new(), misses: AtomicU64::new(0), evictions }
    }

    pub(super) fn hash(&self, raw: &str) -> NameHash {
        if self.tokens.is_some() { NameHash::of(raw, &self.key) } else { NameHash::NONE }
    }

    pub(super) fn get(&self, name: &Name<&str>) -> Option<Remembered> {
        let found = self.tokens.as_ref()?.0.get(name);
        if found.is_some() {
            if let Some(hits) = self.hits.own() {
                hits.fetch_add(1, Ordering::Relaxed);
            }
            meter::hit();
        } else {
            self.misses.fetch_add(1, Ordering::Relaxed);
            meter::miss();
        }
        found
    }

    /// Where a token is kept, once all of it was judged; `None` if nothing is kept.
    pub(super) fn place_for(&self, name: Name<&str>, generation: u64) -> Option<Place> {
        self.tokens.as_ref().map(|_| Place { name: name.into_owned(), generation })
    }

    pub(super) fn put(&self, place: Option<Place>, token: &VerifiedToken) {
        if let (Some(tokens), Some(Place { name, generation })) = (&self.tokens, place) {
            tokens.put(name, token, generation);
        }
    }

    pub(super) fn forget(&self, name: &Name<&str>) {
        if let Some(tokens) = &self.tokens {
            tokens.0.remove(name);
        }
    }

    pub(super) fn status(&self) -> CacheStatus {
        let Some(tokens) = &self.tokens else { return CacheStatus::default() };
        CacheStatus {
            tokens: tokens.0.len() as u64,
            bytes: tokens.0.weight(),
            hits: self.hits.iter().map(|hits| hits.load(Ordering::Relaxed)).sum(),
            misses: self.misses.load(Ordering::Relaxed),
            evictions: self.evictions.count(),
        }
    }
}

impl Tokens {
    /// The claims are locked until the token is there, so that none is counted twice or not at all.
    fn put(self: &Arc<Self>, name: Name<Arc<str>>, token: &VerifiedToken, generation: u64) {
        let bare = name.raw.len() + token.bytes() + BOOKKEEPING;
        let table: Weak<dyn Resize> = Arc::downgrade(self) as Weak<dyn Resize>;
        let mut parsed = token.parsed();
        let claims = parsed.enter(Entry { table, name: name.clone() }, self.largest().saturating_sub(bare));
        let token = token.for_any_presenter();
        self.0.insert(name, Remembered { token, generation, weight: bare + claims });
    }

    /// No entry takes more: what is larger than a shard would push out all others, and then not stay itself.
    fn largest(&self) -> usize {
        usize::try_from(self.0.shard_capacity()).unwrap_or(usize::MAX) / 2
    }
}

impl Resize for Tokens {
    fn resize(&self, name: &Name<Arc<str>>, address: usize, parsed: usize) -> bool {
        let Some(found) = self.0.peek(name).filter(|found| found.token.address() == address) else {
            return true;
        };
        let weight = (name.raw.len() + found.token.bytes() + BOOKKEEPING).saturating_add(parsed);
        if weight > self.largest() {
            return false;
        }
        // It may have gone meanwhile, and then nothing is counted.
        let _ =
            self.0.replace_with_lifecycle(name.clone(), Remembered { weight, ..found }, true, &mut Gone::of_resized());
        true
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

impl Weighter<Name<Arc<str>>, Remembered> for Weight {
    fn weight(&self, _: &Name<Arc<str>>, remembered: &Remembered) -> u64 {
        remembered.weight as u64
    }
}

/// What the table and the allocator need for one token beside its own bytes.
const BOOKKEEPING: usize = 256;
/// For the size that the table begins with.
const USUAL_WEIGHT: usize = 3 * 1024;

#[cfg(test)]
mod tests {
    use serde_json::Value;
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
    fn claims_count_from_when_they_are_asked_for() {
        let cache = TokenCache::new(1 << 20);
        let (early, late) = (token(), token());
        early.claims::<Value>().unwrap();
        for (raw, token) in [("a.b.c", &early), ("a.b.d", &late)] {
            cache.put(cache.place_for(name(&cache, raw), 1), token);
        }
        let before = cache.status();
        late.claims::<Value>().unwrap();
        let after = cache.status();
        assert!(after.bytes > before.bytes + size_of::<Value>() as u64, "{before:?} {after:?}");
        assert_eq!((after.tokens, after.evictions), (2, 0), "one that grows is not one that goes");
        late.claims::<Value>().unwrap();
        assert_eq!(cache.status(), after, "they are parsed once");

        let weights = ["a.b.c", "a.b.d"].map(|raw| cache.get(&name(&cache, raw)).unwrap().weight);
        assert_eq!(weights[0], weights[1], "whenever that was");
        cache.forget(&name(&cache, "a.b.c"));
        cache.forget(&name(&cache, "a.b.d"));
        assert_eq!(cache.status().bytes, 0);
    }

    #[test]
    fn tokens_make_room_for_the_claims_of_others() {
        let bound = 256 * 1024;
        let cache = TokenCache::new(bound);
        let payload = json!({"sub": "u", "list": vec![1; 200]});
        for number in 0..500 {
            let token = sample::token(&payload, ScopeHierarchy::default());
            cache.put(cache.place_for(name(&cache, &number.to_string()), 1), &token);
            token.claims::<Value>().unwrap();
            assert!(cache.status().bytes <= bound as u64);
        }
        let status = cache.status();
        assert!(status.tokens < 30, "each takes 12,800 bytes at least: {status:?}");
        assert_eq!(status.tokens + status.evictions, 500);
    }

    #[test]
    fn claims_that_are_too_large_are_parsed_anew_and_their_token_stays() {
        let cache = TokenCache::new(256 * 1024);
        let large = || sample::token(&json!({"sub": "u", "list": vec![1; 6000]}), ScopeHierarchy::default());
        let (before, after) = (large(), large());
        before.claims::<Value>().unwrap();
        cache.put(cache.place_for(name(&cache, "before"), 1), &before);
        cache.put(cache.place_for(name(&cache, "after"), 1), &after);
        after.claims::<Value>().unwrap();
        for (raw, token) in [("before", before), ("after", after)] {
            assert!(cache.get(&name(&cache, raw)).is_some(), "{raw}");
            let [one, other] = [token.claims::<Value>(), token.claims::<Value>()].map(Result::unwrap);
            assert!(one == other && !Arc::ptr_eq(&one, &other), "{raw}");
        }
    }

    /// The text stands in the cache once as its key, and once more where handlers may ask for it.
    #[test]
    fn the_text_of_a_token_counts_as_often_as_it_is_there() {
        let weight = |token: VerifiedToken| {
            let cache = TokenCache::new(1 << 20);
            cache.put(cache.place_for(name(&cache, "a.b.c"), 1), &token);
            cache.status().bytes
        };
        let text = "x".repeat(1000);
        assert!(weight(token().keeping(text.into())) >= weight(token()) + 1000);
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
