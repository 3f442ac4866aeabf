//! What a kept token is found by.

use std::hash::BuildHasher;
use std::hash::Hash;
use std::hash::Hasher;
use std::sync::Arc;

use foldhash::quality::RandomState;
use quick_cache::Equivalent;

/// The hash of a token under the cache's own key: computed once for each request.
#[derive(Clone, Copy, Debug)]
pub(in crate::verifier) struct NameHash(u64);

/// A token and its hash.
#[derive(Clone)]
pub(in crate::verifier) struct Name<T> {
    pub(super) raw: T,
    hash: NameHash,
}

impl NameHash {
    pub(super) fn of(raw: &str, key: &RandomState) -> Self {
        Self(key.hash_one(raw))
    }

    /// Where nothing is looked for.
    pub(super) const NONE: Self = Self(0);
}

impl<'a> Name<&'a str> {
    /// `hash` is the one of `raw`.
    pub(in crate::verifier) fn new(raw: &'a str, hash: NameHash) -> Self {
        Self { raw, hash }
    }

    pub(super) fn into_owned(self) -> Name<Arc<str>> {
        Name { raw: self.raw.into(), hash: self.hash }
    }
}

impl<T> Hash for Name<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash.0);
    }
}

impl PartialEq for Name<Arc<str>> {
    fn eq(&self, other: &Self) -> bool {
        self.raw == other.raw
    }
}

impl Eq for Name<Arc<str>> {}

impl Equivalent<Name<Arc<str>>> for Name<&str> {
    fn equivalent(&self, kept: &Name<Arc<str>>) -> bool {
        *self.raw == *kept.raw
    }
}

/// Takes the hash that a [`Name`] has.
#[derive(Clone, Copy, Default)]
pub(super) struct Hashed(u64);

impl BuildHasher for Hashed {
    type Hasher = Self;

    fn build_hasher(&self) -> Self {
        Self(0)
    }
}

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {}

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}
