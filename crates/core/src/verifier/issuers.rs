//! The allowed issuers of a verifier, at one moment.

use std::sync::Arc;

use crate::issuer::Registry;
use crate::verifier::family::Family;
use crate::verifier::surroundings::Surroundings;
use crate::verifier::trusted::Trusted;

/// The allowed issuers of a verifier, at one moment: never changed, only replaced.
#[derive(Clone, Debug)]
pub(super) struct Issuers {
    by_name: Registry<Arc<Trusted>>,
    families: Vec<Arc<Family>>,
}

/// What can be added.
#[derive(Clone, Debug)]
pub(super) enum Admitted {
    One(Arc<Trusted>),
    Family(Arc<Family>),
}

impl Issuers {
    pub(super) fn none() -> Self {
        Self { by_name: Registry::new(), families: Vec::new() }
    }

    /// `false` if a name stands there already; nothing is added then.
    pub(super) fn add(&mut self, admitted: &Admitted) -> bool {
        match admitted {
            Admitted::One(trusted) if trusted.names().any(|name| self.by_name.find(name).is_some()) => false,
            Admitted::One(trusted) => {
                for name in trusted.names() {
                    self.by_name.insert(name, Arc::clone(trusted));
                }
                true
            }
            Admitted::Family(family) if self.families.iter().any(|other| other.name() == family.name()) => false,
            Admitted::Family(family) => {
                self.families.push(Arc::clone(family));
                true
            }
        }
    }

    /// Leaves out the issuer of this name, whatever else it is called; from then on nobody believes it who has it still.
    pub(super) fn remove(&mut self, issuer: &str) -> bool {
        if let Some(removed) = self.by_name.find(issuer).cloned() {
            removed.standing.remove();
            self.by_name.retain(|trusted| !Arc::ptr_eq(trusted, &removed));
            return true;
        }
        let Some(at) = self.families.iter().position(|family| family.name() == issuer) else { return false };
        self.families.remove(at).standing.remove();
        true
    }

    /// Before any network. Who stands there by name is no tenant.
    pub(super) fn find(&self, issuer: &str, surroundings: &Surroundings) -> Option<Arc<Trusted>> {
        let tenant = || self.families.iter().find_map(|family| family.find(issuer, surroundings));
        self.by_name.find(issuer).cloned().or_else(tenant)
    }

    /// Whether one of this name stands there by itself, and not as a tenant.
    pub(super) fn have_by_name(&self, issuer: &str) -> bool {
        self.by_name.find(issuer).is_some()
    }

    /// Each once, ordered by issuer.
    pub(super) fn all(&self, surroundings: &Surroundings) -> Vec<Arc<Trusted>> {
        let is_main_name = |(name, trusted): &(&str, &Arc<Trusted>)| *name == &*trusted.issuer;
        let named = self.by_name.iter().filter(is_main_name).map(|(_, trusted)| Arc::clone(trusted));
        let tenants = self.families.iter().flat_map(|family| family.all(surroundings));
        let mut all: Vec<_> = named.chain(tenants).collect();
        all.sort_by(|one, other| one.issuer.cmp(&other.issuer));
        all
    }
}
