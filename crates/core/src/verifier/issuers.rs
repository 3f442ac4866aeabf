//! The allowed issuers of a verifier, at one moment.

use std::sync::Arc;
use std::sync::OnceLock;

use crate::error::Failure;
use crate::error::NameSample;
use crate::issuer::Registry;
use crate::verifier::family::Family;
use crate::verifier::surroundings::Surroundings;
use crate::verifier::trusted::Trusted;

/// The allowed issuers of a verifier, at one moment: never changed, only replaced.
#[derive(Clone, Debug)]
pub(super) struct Issuers {
    by_name: Registry<Arc<Trusted>>,
    families: Vec<Arc<Family>>,
    /// Made for the first token of another issuer.
    sample: OnceLock<NameSample>,
}

/// What can be added.
#[derive(Clone, Debug)]
pub(super) enum Admitted {
    One(Arc<Trusted>),
    Family(Arc<Family>),
}

impl Issuers {
    pub(super) fn none() -> Self {
        Self { by_name: Registry::new(), families: Vec::new(), sample: OnceLock::new() }
    }

    /// `false` if a name stands there already; nothing is added then.
    pub(super) fn add(&mut self, admitted: &Admitted) -> bool {
        self.sample = OnceLock::new();
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
        self.sample = OnceLock::new();
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

    /// The refusal of a token of this issuer, which is none of them.
    pub(super) fn refuse(&self, issuer: &str) -> Failure {
        let is_allowed =
            |name: &str| self.have_by_name(name) || self.families.iter().any(|family| family.has_tenant(name));
        let accepted = self.sample.get_or_init(|| self.names_in_order()).clone();
        Failure::UnknownIssuer { accepted, near: but_for_a_slash(issuer, is_allowed) }
    }

    /// By name, because a map has no order.
    fn names_in_order(&self) -> NameSample {
        let mut names: Vec<_> = self.by_name.iter().map(|(name, _)| name).collect();
        names.extend(self.families.iter().map(|family| family.name()));
        names.sort_unstable();
        NameSample::of(names)
    }

    /// The algorithms that the issuer of this name may use, for the log.
    pub(super) fn algorithms_of(&self, issuer: &str) -> Vec<&'static str> {
        self.by_name.find(issuer).map(|trusted| trusted.rules.algorithm_names()).unwrap_or_default()
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

/// The allowed name that differs from `issuer` by its final slash alone. Names are compared byte for byte, so many an
/// operator has lost an hour to it.
pub(super) fn but_for_a_slash(issuer: &str, is_allowed: impl Fn(&str) -> bool) -> Option<String> {
    let near = match issuer.strip_suffix('/') {
        Some(bare) => bare.to_owned(),
        None => [issuer, "/"].concat(),
    };
    Some(near).filter(|near| is_allowed(near))
}
