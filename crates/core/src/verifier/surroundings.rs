//! What all issuers of a verifier share, those too that come at run time.

use std::sync::Arc;

use crate::claims::ScopeHierarchy;
use crate::clock::Clock;
use crate::error::Problems;
use crate::issuer::Issuer;
use crate::issuer::IssuerRules;
use crate::keys::KeyPool;
use crate::keys::KeySettings;
use crate::keys::KeySnapshot;
use crate::keys::KeyStore;
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
    pub(super) snapshots: Vec<KeySnapshot>,
    pub(super) hierarchy: ScopeHierarchy,
}

impl Surroundings {
    /// Checks all that can be wrong with `issuer`. What this returns is not to be used if anything was found.
    pub(super) fn trust(&self, issuer: &Issuer, path: &str, problems: &mut Problems) -> Option<Arc<Trusted>> {
        let rules = IssuerRules::check(issuer, path, problems);
        let keys = key_source::build(issuer, path, self, problems)?;
        Some(Arc::new(Trusted {
            issuer: issuer.issuer.as_str().into(),
            aliases: issuer.aliases.clone(),
            rules: Arc::new(rules),
            keys,
            clock: Arc::clone(&self.clock),
            hierarchy: self.hierarchy.clone(),
            named_by: issuer.named_by,
            standing: Standing::default(),
        }))
    }
}
