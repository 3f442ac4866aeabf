//! What a verifier is made of; the only place where its configuration can fail.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::claims::ScopeHierarchy;
use crate::clock::Clock;
use crate::error::ConfigError;
use crate::error::Problems;
use crate::issuer::Issuer;
use crate::issuer::IssuerResolver;
use crate::keys::Fetch;
use crate::keys::KeyPool;
use crate::keys::KeySettings;
use crate::keys::KeySnapshot;
use crate::keys::KeyStore;
use crate::presenter::dpop::DpopSettings;
use crate::verifier::TokenCheck;
use crate::verifier::Verifier;
use crate::verifier::cache::TokenCache;
use crate::verifier::found::FoundIssuers;
use crate::verifier::issuers::Issuers;
use crate::verifier::resolving::Resolving;
use crate::verifier::surroundings::Surroundings;
use crate::verifier::token_check::Check;
use crate::verifier::transport::Transport;
use crate::verifier::trusted::Presented;
use crate::verifier::verify::Inner;

/// Builds a [`Verifier`].
///
/// # Defaults
///
/// Tokens of at most 16 KiB whose text is forgotten, 16 MiB of verified tokens that are kept, at most 1,000 issuers found
/// at run time, no check of the application, the settings of [`KeySettings`] and [`DpopSettings`], the clock of the
/// machine, and keys fetched over HTTP by [`HttpFetch`](crate::HttpFetch).
#[derive(Clone, Debug)]
#[must_use]
pub struct VerifierBuilder {
    pub(super) issuers: Vec<Issuer>,
    max_token_bytes: usize,
    resolver: Option<Resolver>,
    check: Option<Check>,
    keys: KeySettings,
    pool: KeyPool,
    clock: Option<Arc<dyn Clock>>,
    fetch: Option<Arc<dyn Fetch>>,
    store: Option<Arc<dyn KeyStore>>,
    snapshots: Vec<KeySnapshot>,
    hierarchy: ScopeHierarchy,
    max_found_issuers: usize,
    presented: Presented,
    cache_bytes: usize,
    dpop: DpopSettings,
}

#[derive(Clone)]
struct Resolver(Arc<dyn IssuerResolver>);

impl fmt::Debug for Resolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Resolver(..)")
    }
}

impl VerifierBuilder {
    pub(crate) fn new(issuers: Vec<Issuer>) -> Self {
        Self {
            issuers,
            max_token_bytes: MAX_TOKEN_BYTES,
            resolver: None,
            check: None,
            keys: KeySettings::default(),
            pool: KeyPool::default(),
            clock: None,
            fetch: None,
            store: None,
            snapshots: Vec::new(),
            hierarchy: ScopeHierarchy::default(),
            max_found_issuers: MAX_FOUND_ISSUERS,
            presented: Presented::default(),
            cache_bytes: CACHE_BYTES,
            dpop: DpopSettings::default(),
        }
    }

    /// Another issuer whose tokens are believed, by its own rules.
    pub fn add_issuer(mut self, issuer: Issuer) -> Self {
        self.issuers.push(issuer);
        self
    }

    /// The identifiers of the issuers, in the order in which they were added. A template is none.
    pub fn issuers(&self) -> impl Iterator<Item = &str> {
        self.issuers.iter().filter(|issuer| issuer.tenant_claim.is_none()).map(|issuer| issuer.issuer.as_str())
    }

    /// Returns the issuers, templates included, in the order in which they were added.
    pub fn configured_issuers(&self) -> &[Issuer] {
        &self.issuers
    }

    /// How many bytes verified tokens may take that are kept, so that one that is seen again costs no signature; 0 keeps
    /// none. With a resolver none are kept. What [`VerifiedToken::claims`](crate::VerifiedToken::claims) keeps counts too,
    /// as far as serde shows what a type takes: what a type allocates beside what it reads is not seen.
    pub fn with_cache_bytes(mut self, bytes: usize) -> Self {
        self.cache_bytes = bytes;
        self
    }

    /// The longest token that is looked at, in bytes.
    pub fn with_max_token_bytes(mut self, bytes: usize) -> Self {
        self.max_token_bytes = bytes;
        self
    }

    /// How many issuers [found at run time](Issuer::found_at_run_time) are kept with their keys: tenants of templates,
    /// above all. Beyond it those go that were not asked for longest; an eighth of the room is for those that have never
    /// signed a token that verified, and they push out nobody but each other. At least 16.
    pub fn with_max_found_issuers(mut self, count: usize) -> Self {
        self.max_found_issuers = count;
        self
    }

    /// Asks the application which issuers are allowed for each request. See [`IssuerResolver`].
    pub fn with_resolver(mut self, resolver: impl IssuerResolver) -> Self {
        self.resolver = Some(Resolver(Arc::new(resolver)));
        self
    }

    /// Asks the application about each token that passed every other check. See [`TokenCheck`].
    pub fn with_check(mut self, check: impl TokenCheck) -> Self {
        self.check = Some(Check::new(check));
        self
    }

    /// How keys are fetched and how long they serve.
    pub fn with_keys(mut self, keys: KeySettings) -> Self {
        self.keys = keys;
        self
    }

    /// Shares fetched keys with the other verifiers that have this pool. Without it they are shared by the issuers of one
    /// verifier, and by verifiers built from clones of one builder.
    pub fn with_key_pool(mut self, pool: KeyPool) -> Self {
        self.pool = pool;
        self
    }

    /// Another clock than that of the machine; tests set theirs.
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.clock = Some(Arc::new(clock));
        self
    }

    /// Another way to the issuers' documents than [`HttpFetch`](crate::HttpFetch). For issuers
    /// [found at run time](Issuer::found_at_run_time) it must say that it keeps to public addresses.
    pub fn with_fetch(mut self, fetch: impl Fetch) -> Self {
        self.fetch = Some(Arc::new(fetch));
        self
    }

    /// Shares fetched keys with other processes. See [`KeyStore`].
    pub fn with_key_store(mut self, store: impl KeyStore) -> Self {
        self.store = Some(Arc::new(store));
        self
    }

    /// Begins with keys that were saved, so that a service comes up while its issuer is down. Those of other issuers,
    /// or that are too old or not sound, are not used, and the log says so.
    pub fn with_key_snapshots(mut self, snapshots: impl IntoIterator<Item = KeySnapshot>) -> Self {
        self.snapshots.extend(snapshots);
        self
    }

    /// Which scopes include others, so that a token with the broader one need not name the narrower.
    pub fn with_scope_hierarchy(mut self, hierarchy: ScopeHierarchy) -> Self {
        self.hierarchy = hierarchy;
        self
    }

    /// Keeps the text of each token that is believed, for exchanging it; otherwise it is forgotten. See
    /// [`VerifiedToken::presented_token`](crate::VerifiedToken::presented_token).
    ///
    /// ```
    /// use claviger_core::Issuer;
    /// use claviger_core::Verifier;
    ///
    /// let issuer = Issuer::new("https://issuer.example", "https://api.example");
    /// let verifier = Verifier::builder(issuer).keep_presented_token().build()?;
    /// # let _ = verifier;
    /// # Ok::<(), claviger_core::error::ConfigError>(())
    /// ```
    pub fn keep_presented_token(mut self) -> Self {
        self.presented = Presented::Kept;
        self
    }

    /// How proofs of possession are judged, and whether they are demanded (RFC 9449).
    pub fn with_dpop(mut self, dpop: DpopSettings) -> Self {
        self.dpop = dpop;
        self
    }

    /// What was said about proofs of possession.
    pub fn dpop(&self) -> &DpopSettings {
        &self.dpop
    }

    /// Checks everything together.
    ///
    /// # Errors
    ///
    /// Every problem at once, each with its path.
    pub fn build(self) -> Result<Verifier, ConfigError> {
        let mut problems = Problems::default();
        self.keys.check(&mut problems);
        if self.max_token_bytes == 0 {
            problems.add("max_token_bytes", "must be at least 1");
        }
        if self.max_found_issuers < LEAST_FOUND_ISSUERS {
            problems.add("max_found_issuers", "must be at least 16");
        }
        if self.issuers.is_empty() && self.resolver.is_none() {
            problems.add("issuers", "must name at least one issuer");
        }
        let transport = self.fetch.map_or_else(Transport::http, Transport::Own);
        let surroundings = Surroundings {
            transport,
            clock: self.clock.unwrap_or_else(|| self.pool.clock()),
            pool: self.pool,
            settings: self.keys,
            store: self.store,
            snapshots: self.snapshots.into_iter().rev().map(|saved| (saved.issuer().to_owned(), saved)).collect(),
            hierarchy: self.hierarchy,
            presented: self.presented,
            found: Arc::new(FoundIssuers::at_most(self.max_found_issuers)),
        };
        let presenters = self.dpop.check(&surroundings.clock, &mut problems);
        let (mut issuers, mut names) = (Issuers::none(), HashSet::new());
        for (at, issuer) in self.issuers.iter().enumerate() {
            let path = format!("issuers[{at}]");
            let called = issuer.aliases.iter().map(|alias| ("aliases", alias));
            for (setting, name) in [("issuer", &issuer.issuer)].into_iter().chain(called) {
                if !names.insert(name) {
                    problems.add(format!("{path}.{setting}"), "stands there twice");
                }
            }
            if let Some(admitted) = surroundings.admit(issuer, &path, &mut problems) {
                issuers.add(&admitted);
            }
        }
        let issuers = ArcSwap::from_pointee(issuers);
        let resolving = self.resolver.map(|Resolver(resolver)| Arc::new(Resolving::by(resolver)));
        // It decides for each request which issuers there are, so nothing is remembered past it.
        let cache_bytes = if resolving.is_some() { 0 } else { self.cache_bytes };
        problems.into_result(Verifier::assemble(Inner {
            issuers,
            surroundings,
            max_token_bytes: self.max_token_bytes,
            presenters,
            resolving,
            cache: TokenCache::new(cache_bytes),
            check: self.check,
        }))
    }
}

const CACHE_BYTES: usize = 16 * 1024 * 1024;
const MAX_TOKEN_BYTES: usize = 16 * 1024;
const MAX_FOUND_ISSUERS: usize = 1000;
const LEAST_FOUND_ISSUERS: usize = 16;
