//! Configuration of the scope guard.

use std::sync::Arc;

use claviger_core::ScopePolicy;
use tower_layer::Layer;

use crate::authorize::Enforcement;
use crate::authorize::RequireScope;

/// Lets only requests through whose token meets a policy. See the [module docs](crate::authorize).
///
/// It stands inside of [`AuthLayer`](crate::AuthLayer): without that the answer is 500, for an anonymous request 401,
/// for a token that lacks something 403 with all scopes of the policy in the challenge, or the step-up answer of RFC 9470
/// (401) where a better authentication would do.
#[derive(Clone, Debug)]
pub struct RequireScopeLayer {
    policy: Arc<ScopePolicy>,
    enforcement: Enforcement,
}

impl RequireScopeLayer {
    /// A guard of this policy.
    #[must_use]
    pub fn new(policy: ScopePolicy) -> Self {
        Self { policy: Arc::new(policy), enforcement: Enforcement::Enforced }
    }

    /// Lets everybody through and tells whom it would refuse: an event in the log, and the counter
    /// `claviger_refusals_reported_total` of the feature `metrics`. Without the auth layer the answer is 500 all the same.
    #[must_use]
    pub fn report_only(self) -> Self {
        Self { enforcement: Enforcement::ReportOnly, ..self }
    }
}

impl<S> Layer<S> for RequireScopeLayer {
    type Service = RequireScope<S>;

    fn layer(&self, inner: S) -> RequireScope<S> {
        RequireScope::new(inner, Arc::clone(&self.policy), self.enforcement)
    }
}
