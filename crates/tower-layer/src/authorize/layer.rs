//! Configuration of the scope guard.

use std::sync::Arc;

use claviger_core::ScopePolicy;
use tower_layer::Layer;

use crate::authorize::RequireScope;

/// Lets only requests through whose token meets a policy. See the [module docs](crate::authorize).
///
/// It stands inside of [`AuthLayer`](crate::AuthLayer): without that the answer is 500, for an anonymous request 401,
/// for a token that lacks a scope 403 with all scopes of the policy in the challenge.
#[derive(Clone, Debug)]
pub struct RequireScopeLayer {
    policy: Arc<ScopePolicy>,
}

impl RequireScopeLayer {
    /// A guard of this policy.
    #[must_use]
    pub fn new(policy: ScopePolicy) -> Self {
        Self { policy: Arc::new(policy) }
    }
}

impl<S> Layer<S> for RequireScopeLayer {
    type Service = RequireScope<S>;

    fn layer(&self, inner: S) -> RequireScope<S> {
        RequireScope::new(inner, Arc::clone(&self.policy))
    }
}
