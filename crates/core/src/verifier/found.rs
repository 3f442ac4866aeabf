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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::claims::ScopeHierarchy;
    use crate::verifier::sample;
    use crate::verifier::trusted::Standing;

    fn trusted(home: &Arc<FoundIssuers>, issuer: &str) -> Arc<Trusted> {
        let token = sample::token(&json!({}), ScopeHierarchy::default());
        let Trusted { rules, keys, clock, presented, named_by, .. } = token.trusted();
        Arc::new(Trusted {
            issuer: issuer.into(),
            aliases: Vec::new(),
            rules: Arc::clone(rules),
            keys: Arc::clone(keys),
            clock: Arc::clone(clock),
            hierarchy: ScopeHierarchy::default(),
            presented: *presented,
            named_by: *named_by,
            tenant: None,
            standing: Standing::default(),
            kept: Some(Kept::by(home)),
        })
    }

    #[test]
    fn the_last_of_a_name_is_found_whether_or_not_one_before_has_signed() {
        let found = Arc::new(FoundIssuers::at_most(16));
        let [before, after] = [0, 1].map(|_| trusted(&found, "a"));
        for trusted in [before, after] {
            found.keep(&trusted);
            assert!(Arc::ptr_eq(&found.find("a").unwrap(), &trusted));
            trusted.prove();
            assert!(Arc::ptr_eq(&found.find("a").unwrap(), &trusted));
            assert_eq!(found.all().count(), 1);
        }
    }

    #[test]
    fn what_is_removed_is_held_no_longer() {
        let found = Arc::new(FoundIssuers::at_most(16));
        let [proven, unproven, stays] = ["a", "b", "c"].map(|name| trusted(&found, name));
        for trusted in [&proven, &unproven, &stays] {
            found.keep(trusted);
        }
        proven.prove();
        for trusted in [&proven, &unproven] {
            trusted.standing.remove();
        }
        found.forget_removed();
        assert_eq!(found.all().map(|trusted| trusted.issuer.clone()).collect::<Vec<_>>(), ["c".into()]);
        assert_eq!(Arc::strong_count(&proven), 1);
    }
}
