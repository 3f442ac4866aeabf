//! Issuers found at run time, kept while they are used.

use std::sync::Arc;
use std::sync::Weak;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

use crate::issuer::Issuer;
use crate::verifier::bounded::Bounded;
use crate::verifier::bounded::bounded;
use crate::verifier::trusted::Trusted;

/// Issuers found at run time, at most so many. Those whose signature was never seen have a small part of the room to
/// themselves, so that invented ones push out nobody but each other.
#[derive(Debug)]
pub(super) struct FoundIssuers {
    unproven: Bounded<Box<str>, Arc<Trusted>>,
    proven: Bounded<Box<str>, Arc<Trusted>>,
}

impl FoundIssuers {
    pub(super) fn at_most(count: usize) -> Self {
        let unproven = (count / 8).max(1);
        let proven = count.saturating_sub(unproven).max(1);
        Self { unproven: bounded(unproven, "unproven_issuer"), proven: bounded(proven, "proven_issuer") }
    }

    pub(super) fn find(&self, issuer: &str) -> Option<Arc<Trusted>> {
        self.proven.get(issuer).or_else(|| self.unproven.get(issuer))
    }

    /// In the place of another one of that name.
    pub(super) fn keep(&self, trusted: &Arc<Trusted>) {
        self.proven.remove(&trusted.issuer);
        self.unproven.insert(trusted.issuer.clone(), Arc::clone(trusted));
    }

    /// Those that are kept now.
    pub(super) fn all(&self) -> impl Iterator<Item = Arc<Trusted>> {
        self.proven.iter().chain(self.unproven.iter()).map(|(_, trusted)| trusted)
    }

    /// Leaves out all that were removed.
    pub(super) fn forget_removed(&self) {
        for cache in [&self.proven, &self.unproven] {
            cache.retain(|_, trusted| !trusted.standing.is_removed());
        }
    }
}

/// That an issuer is kept, and for how much.
#[derive(Debug)]
pub(crate) struct Kept {
    home: Weak<FoundIssuers>,
    is_proven: AtomicBool,
    /// As a resolver has brought it.
    brought: Option<Issuer>,
}

impl Kept {
    pub(super) fn by(home: &Arc<FoundIssuers>) -> Self {
        Self { home: Arc::downgrade(home), is_proven: AtomicBool::new(false), brought: None }
    }

    pub(super) fn that_was_brought(self, issuer: Issuer) -> Self {
        Self { brought: Some(issuer), ..self }
    }

    /// Whether it was brought just like this.
    pub(super) fn is(&self, issuer: &Issuer) -> bool {
        self.brought.as_ref() == Some(issuer)
    }

    /// Moves it to those that were seen to sign, once.
    pub(super) fn prove(&self, trusted: &Arc<Trusted>) {
        if self.is_proven.load(Ordering::Relaxed) || self.is_proven.swap(true, Ordering::Relaxed) {
            return;
        }
        if let Some(home) = self.home.upgrade() {
            home.proven.insert(trusted.issuer.clone(), Arc::clone(trusted));
            home.unproven.remove(&trusted.issuer);
        }
    }
}
