//! Fetched keys that issuers and verifiers share.

use std::collections::HashMap;
use std::fmt;
use std::hash::BuildHasher;
use std::hash::Hash;
use std::hash::Hasher;
use std::hash::RandomState;
use std::ptr;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use crate::clock::Clock;
use crate::clock::SystemClock;
use crate::issuer::NamedBy;
use crate::keys::Fetch;
use crate::keys::KeySettings;
use crate::keys::KeyStore;
use crate::keys::Location;
use crate::keys::RemoteKeys;
use crate::keys::SharedBudget;
use crate::keys::Start;
use crate::keys::remote::WeakRemoteKeys;

/// Fetched keys, shared by all issuers that have them from the same place: those of one verifier, and those of several
/// if they are given the same pool ([`with_key_pool`](crate::VerifierBuilder::with_key_pool)). Cloning is cheap; clones
/// are one pool.
///
/// One place is one `jwks_uri`, or the metadata of one issuer, asked in the same way: with the same
/// [`KeySettings`], certificates and credentials, over the same [`Fetch`], clock and [`KeyStore`], and named by the
/// operator in both cases or in neither. Keys stay for as long as an issuer needs them. Each place is fetched by itself,
/// so one that is slow delays no other.
///
/// ```
/// use claviger_core::Issuer;
/// use claviger_core::KeyPool;
/// use claviger_core::Verifier;
///
/// let pool = KeyPool::default();
/// let of_audience = |audience: &str| {
///     Verifier::builder(Issuer::new("https://login.example.com", audience)).with_key_pool(pool.clone()).build()
/// };
/// let (billing, reports) = (of_audience("billing")?, of_audience("reports")?);
/// # let _ = (billing, reports);
/// # Ok::<(), claviger_core::error::ConfigError>(())
/// ```
#[derive(Clone)]
pub struct KeyPool {
    inner: Arc<Inner>,
}

struct Inner {
    sources: Mutex<Sources>,
    /// Of issuers found at run time.
    budget: SharedBudget,
    /// Names places in that budget; nobody outside can make two of one name.
    names: RandomState,
    /// That of the machine, one for all: budgets and ages are counted from its beginning.
    clock: Arc<dyn Clock>,
}

#[derive(Default)]
struct Sources {
    by_place: HashMap<Place, WeakRemoteKeys>,
    /// With so many, those are left out that nobody needs any more.
    full_at: usize,
}

impl KeyPool {
    /// The clock of verifiers that have none of their own.
    pub(crate) fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.inner.clock)
    }

    /// The keys from this place: those that are there, or new ones.
    pub(crate) fn keys(&self, place: Place, make: impl FnOnce() -> RemoteKeys) -> RemoteKeys {
        let mut sources = self.inner.sources.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(keys) = sources.by_place.get(&place).and_then(WeakRemoteKeys::upgrade) {
            return keys;
        }
        sources.make_room();
        let is_found = place.location.named_by == NamedBy::SomebodyElse;
        let mut keys = make();
        if is_found {
            keys = keys.sharing(&self.inner.budget, self.inner.names.hash_one(&place));
        }
        sources.by_place.insert(place, keys.downgrade());
        keys
    }
}

impl Default for KeyPool {
    fn default() -> Self {
        let (sources, budget, names) = (Mutex::default(), SharedBudget::default(), RandomState::new());
        Self { inner: Arc::new(Inner { sources, budget, names, clock: Arc::new(SystemClock::new()) }) }
    }
}

/// What is in it shows where an issuer uses it.
impl fmt::Debug for KeyPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyPool").finish_non_exhaustive()
    }
}

impl Sources {
    fn make_room(&mut self) {
        if self.by_place.len() >= self.full_at {
            self.by_place.retain(|_, keys| keys.are_needed());
            self.full_at = 2 * self.by_place.len() + ROOM;
        }
    }
}

/// Where keys come from, and all that makes a difference there.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Place {
    location: Location,
    settings: KeySettings,
    way: Way,
    clock: Same<dyn Clock>,
    store: Option<Same<dyn KeyStore>>,
}

/// What brings the documents.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Way {
    /// The application's own.
    Own(Same<dyn Fetch>),
    /// Ours, with these root certificates beside the usual ones.
    Http { roots: Option<Arc<[u8]>> },
}

/// Itself alone, and nothing that is like it.
pub(crate) struct Same<T: ?Sized>(pub(crate) Arc<T>);

impl Place {
    pub(crate) fn new(
        location: &Location,
        settings: &KeySettings,
        way: Way,
        clock: &Arc<dyn Clock>,
        store: Option<&Arc<dyn KeyStore>>,
    ) -> Self {
        let mut location = location.clone();
        // Whoever asks at this address gets the same; by metadata it has to be the issuer that they name.
        if let Start::Keys(_) = &location.start {
            location.origin = None;
            location.issuer = String::new();
            location.template = None;
        }
        let clock = Same(Arc::clone(clock));
        Self { location, settings: settings.clone(), way, clock, store: store.cloned().map(Same) }
    }
}

impl<T: ?Sized> Clone for Same<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T: ?Sized> fmt::Debug for Same<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Same(..)")
    }
}

impl<T: ?Sized> PartialEq for Same<T> {
    fn eq(&self, other: &Self) -> bool {
        ptr::addr_eq(Arc::as_ptr(&self.0), Arc::as_ptr(&other.0))
    }
}

impl<T: ?Sized> Eq for Same<T> {}

impl<T: ?Sized> Hash for Same<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.0).cast::<()>().hash(state);
    }
}

const ROOM: usize = 64;
