//! What all issuers of a verifier share, those too that come at run time.

use std::collections::HashMap;
use std::sync::Arc;

use crate::claims::ScopeHierarchy;
use crate::clock::Clock;
use crate::error::ConfigError;
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
use crate::verifier::found::Kept;
use crate::verifier::issuers::Admitted;
use crate::verifier::key_source;
use crate::verifier::transport::Transport;
use crate::verifier::trusted::Presented;
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
    pub(super) presented: Presented,
    pub(super) found: Arc<FoundIssuers>,
}

impl Surroundings {
    /// Checks all that can be wrong with `issuer`, a template or not. What this returns is not to be used if anything was
    /// found.
    pub(super) fn admit(&self, issuer: &Issuer, path: &str, problems: &mut Problems) -> Option<Admitted> {
        match Tenancy::check(issuer, path, problems) {
            Ok(None) => self.trust(issuer, path, problems).map(Arc::new).map(Admitted::One),
            Ok(Some(tenancy)) => {
                let family = Family::check(issuer, tenancy, path, self, problems)?;
                Some(Admitted::Family(Arc::new(family)))
            }
            Err(()) => None,
        }
    }

    /// The issuer that a resolver has brought.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub(super) fn find(&self, issuer: Issuer) -> Result<Arc<Trusted>, ConfigError> {
        let issuer = issuer.found_at_run_time();
        let is_it = |trusted: &Arc<Trusted>| trusted.kept.as_ref().is_some_and(|kept| kept.is(&issuer));
        if let Some(kept) = self.found.find(&issuer.issuer).filter(is_it) {
            return Ok(kept);
        }
        let mut problems = Problems::default();
        if let Ok(Some(_)) = Tenancy::check(&issuer, "issuer", &mut problems) {
            problems.add("issuer.issuer", "must be the issuer of one tenant");
        }
        let trusted = self.trust(&issuer, "issuer", &mut problems);
        let trusted = problems.into_result(trusted)?.ok_or_else(|| ConfigError::of("issuer", "has no keys"))?;
        let kept = Some(Kept::by(&self.found).that_was_brought(issuer));
        let trusted = Arc::new(Trusted { kept, ..trusted });
        self.found.keep(&trusted);
        Ok(trusted)
    }

    fn trust(&self, issuer: &Issuer, path: &str, problems: &mut Problems) -> Option<Trusted> {
        let rules = IssuerRules::check(issuer, path, problems);
        let keys = key_source::build(issuer, None, path, self, problems)?;
        Some(Trusted {
            issuer: issuer.issuer.as_str().into(),
            aliases: issuer.aliases.clone(),
            rules: Arc::new(rules),
            keys,
            clock: Arc::clone(&self.clock),
            hierarchy: self.hierarchy.clone(),
            presented: self.presented,
            named_by: issuer.named_by,
            tenant: None,
            standing: Standing::default(),
            kept: None,
        })
    }
}
