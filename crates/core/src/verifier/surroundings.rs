//! What all issuers of a verifier share, those too that come at run time.

use std::collections::HashMap;
use std::sync::Arc;

use crate::claims::ScopeHierarchy;
use crate::clock::Clock;
use crate::error::Problems;
use crate::issuer::Issuer;
use crate::issuer::IssuerRules;
use crate::issuer::Tenancy;
use crate::keys::KeyPool;
use crate::keys::KeySettings;
use crate::keys::KeySnapshot;
use crate::keys::KeyStore;
use crate::verifier::family::Family;
use crate::verifier::found::FoundIssuers;
use crate::verifier::issuers::Admitted;
use crate::verifier::key_source;
use crate::verifier::transport::Transport;
use crate::verifier::trusted::Standing;
use crate::verifier::trusted::Trusted;

/// What all issuers of a verifier share.
#[derive(Debug)]
pub(super) struct Surroundings {
    pub(super) transport: Transport,
    pub(super) pool: KeyPool,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) settings: KeySettings,
    pub(super) store: Option<Arc<dyn KeyStore>>,
    pub(super) snapshots: HashMap<String, KeySnapshot>,
    pub(super) hierarchy: ScopeHierarchy,
    pub(super) found: Arc<FoundIssuers>,
}

impl Surroundings {
    /// Checks all that can be wrong with `issuer`, a template or not. What this returns is not to be used if anything was
    /// found.
    pub(super) fn admit(&self, issuer: &Issuer, path: &str, problems: &mut Problems) -> Option<Admitted> {
        match Tenancy::check(issuer, path, problems) {
            Ok(None) => self.trust(issuer, path, problems).map(Admitted::One),
            Ok(Some(tenancy)) => {
                let family = Family::check(issuer, tenancy, path, self, problems)?;
                Some(Admitted::Family(Arc::new(family)))
            }
            Err(()) => None,
        }
    }

    fn trust(&self, issuer: &Issuer, path: &str, problems: &mut Problems) -> Option<Arc<Trusted>> {
        let rules = IssuerRules::check(issuer, path, problems);
        let keys = key_source::build(issuer, None, path, self, problems)?;
        Some(Arc::new(Trusted {
            issuer: issuer.issuer.as_str().into(),
            aliases: issuer.aliases.clone(),
            rules: Arc::new(rules),
            keys,
            clock: Arc::clone(&self.clock),
            hierarchy: self.hierarchy.clone(),
            named_by: issuer.named_by,
            tenant: None,
            standing: Standing::default(),
            kept: None,
        }))
    }
}
