//! An issuer template that is believed, and its tenants.

use std::collections::HashMap;
use std::sync::Arc;

use crate::error::Problems;
use crate::issuer::Issuer;
use crate::issuer::IssuerRules;
use crate::issuer::Tenancy;
use crate::keys::KeySource;
use crate::verifier::found::Kept;
use crate::verifier::key_source;
use crate::verifier::surroundings::Surroundings;
use crate::verifier::trusted::Standing;
use crate::verifier::trusted::Tenant;
use crate::verifier::trusted::Trusted;

/// An issuer template that is believed, and its tenants.
#[derive(Debug)]
pub(super) struct Family {
    issuer: Issuer,
    tenancy: Tenancy,
    rules: Arc<IssuerRules>,
    pub(super) standing: Standing,
    tenants: Tenants,
}

/// Whose keys are where.
#[derive(Debug)]
enum Tenants {
    /// All have the same.
    OfOneHouse(Arc<dyn KeySource>),
    /// Each has its own, and the operator has named them all.
    Listed(HashMap<Box<str>, Arc<Trusted>>),
    /// Each has its own, and is found at run time.
    Found,
}

impl Family {
    /// Checks all that can be wrong with the template. What this returns is not to be used if anything was found.
    pub(super) fn check(
        issuer: &Issuer,
        tenancy: Tenancy,
        path: &str,
        surroundings: &Surroundings,
        problems: &mut Problems,
    ) -> Option<Self> {
        let mut issuer = issuer.clone();
        if issuer.has_keys_for_each_tenant() && tenancy.list().is_none() {
            issuer = issuer.found_at_run_time();
        }
        let sample = issuer.expanded(SAMPLE);
        let rules = Arc::new(IssuerRules::check(&sample, path, problems));
        let each_has_its_own = issuer.has_keys_for_each_tenant();
        // What is wrong with the keys of one tenant is wrong with those of each.
        let asked = if each_has_its_own { &sample } else { &issuer };
        let keys = key_source::build(asked, Some(&tenancy.template), path, surroundings, problems)?;
        let mut family = Self { issuer, tenancy, rules, standing: Standing::default(), tenants: Tenants::Found };
        if !each_has_its_own {
            family.tenants = Tenants::OfOneHouse(keys);
        } else if let Some(list) = family.tenancy.list() {
            let make = |name: &str| Some((name.into(), Arc::new(family.tenant(name, surroundings)?)));
            let all: HashMap<_, _> = list.iter().filter_map(|name| make(name)).collect();
            if all.len() < list.len() {
                problems.add(format!("{path}.tenants"), "must be names that make an address of the issuer");
            }
            family.tenants = Tenants::Listed(all);
        }
        Some(family)
    }

    /// As it is configured.
    pub(super) fn name(&self) -> &str {
        &self.issuer.issuer
    }

    /// Whether this would be the issuer of one of its tenants.
    pub(super) fn has_tenant(&self, issuer: &str) -> bool {
        let Some(tenant) = self.tenancy.tenant_of(issuer) else { return false };
        if let Tenants::Listed(all) = &self.tenants { all.contains_key(tenant) } else { true }
    }

    /// The tenant whose issuer this is, before any network.
    pub(super) fn find(&self, issuer: &str, surroundings: &Surroundings) -> Option<Arc<Trusted>> {
        let tenant = self.tenancy.tenant_of(issuer)?;
        match &self.tenants {
            Tenants::OfOneHouse(keys) => Some(Arc::new(self.member(tenant, Arc::clone(keys), surroundings))),
            Tenants::Listed(all) => all.get(tenant).cloned(),
            Tenants::Found => self.found(issuer, tenant, surroundings),
        }
    }

    /// Those whose keys can be told something of.
    pub(super) fn all(&self, surroundings: &Surroundings) -> Vec<Arc<Trusted>> {
        match &self.tenants {
            Tenants::OfOneHouse(keys) => {
                let house = self.member(SAMPLE, Arc::clone(keys), surroundings);
                vec![Arc::new(Trusted { issuer: self.name().into(), ..house })]
            }
            Tenants::Listed(all) => all.values().cloned().collect(),
            Tenants::Found => surroundings.found.all().filter(|trusted| self.standing.is(&trusted.standing)).collect(),
        }
    }

    fn found(&self, issuer: &str, tenant: &str, surroundings: &Surroundings) -> Option<Arc<Trusted>> {
        let is_ours = |trusted: &Arc<Trusted>| self.standing.is(&trusted.standing);
        if let Some(kept) = surroundings.found.find(issuer).filter(is_ours) {
            return Some(kept);
        }
        let trusted = Trusted { kept: Some(Kept::by(&surroundings.found)), ..self.tenant(tenant, surroundings)? };
        let trusted = Arc::new(trusted);
        surroundings.found.keep(&trusted);
        Some(trusted)
    }

    /// One with keys of its own.
    fn tenant(&self, tenant: &str, surroundings: &Surroundings) -> Option<Trusted> {
        let issuer = self.issuer.expanded(tenant);
        let mut problems = Problems::default();
        let keys = key_source::build(&issuer, Some(&self.tenancy.template), "", surroundings, &mut problems)?;
        Some(self.member(tenant, keys, surroundings))
    }

    fn member(&self, tenant: &str, keys: Arc<dyn KeySource>, surroundings: &Surroundings) -> Trusted {
        Trusted {
            issuer: self.tenancy.template.expand(tenant).into(),
            aliases: Vec::new(),
            rules: Arc::clone(&self.rules),
            keys,
            clock: Arc::clone(&surroundings.clock),
            hierarchy: surroundings.hierarchy.clone(),
            presented: surroundings.presented,
            named_by: self.issuer.named_by,
            tenant: Some(Tenant { claim: self.tenancy.claim.clone(), name: tenant.into() }),
            standing: self.standing.clone(),
            kept: None,
        }
    }
}

/// Stands in for a tenant where there is none yet.
const SAMPLE: &str = "tenant";
