//! The allowed issuers of a verifier, at one moment.

use std::sync::Arc;

use crate::issuer::Registry;
use crate::verifier::trusted::Trusted;

/// The allowed issuers of a verifier, at one moment: never changed, only replaced.
#[derive(Clone, Debug)]
pub(super) struct Issuers {
    by_name: Registry<Arc<Trusted>>,
}

impl Issuers {
    pub(super) fn none() -> Self {
        Self { by_name: Registry::new() }
    }

    /// `false` if a name stands there already; nothing is added then.
    pub(super) fn add(&mut self, trusted: &Arc<Trusted>) -> bool {
        if trusted.names().any(|name| self.by_name.find(name).is_some()) {
            return false;
        }
        for name in trusted.names() {
            self.by_name.insert(name, Arc::clone(trusted));
        }
        true
    }

    /// Leaves out the issuer of this name, whatever else it is called; from then on nobody believes it who has it still.
    pub(super) fn remove(&mut self, issuer: &str) -> bool {
        let Some(removed) = self.by_name.find(issuer).cloned() else { return false };
        removed.standing.remove();
        self.by_name.retain(|trusted| !Arc::ptr_eq(trusted, &removed));
        true
    }

    /// Before any network.
    pub(super) fn find(&self, issuer: &str) -> Option<Arc<Trusted>> {
        self.by_name.find(issuer).cloned()
    }

    /// Each once, ordered by issuer.
    pub(super) fn all(&self) -> Vec<Arc<Trusted>> {
        let is_main_name = |(name, trusted): &(&str, &Arc<Trusted>)| *name == &*trusted.issuer;
        let mut all: Vec<_> =
            self.by_name.iter().filter(is_main_name).map(|(_, trusted)| Arc::clone(trusted)).collect();
        all.sort_by(|one, other| one.issuer.cmp(&other.issuer));
        all
    }
}
