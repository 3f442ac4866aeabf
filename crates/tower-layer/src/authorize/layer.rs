//! Configuration of the scope guard.

use claviger_core::ScopePolicy;
use tower_layer::Layer;

use crate::authorize::Enforcement;
use crate::authorize::RequireScope;
use crate::respond::GrpcAnswers;

/// Lets only requests through whose token meets a policy. See the [module docs](crate::authorize).
///
/// It stands inside of [`AuthLayer`](crate::AuthLayer). What a request gets that may not pass:
///
/// | Request | Answer |
/// |---|---|
/// | no `AuthLayer` before the guard | 500 |
/// | anonymous | 401, and a set of scopes that is enough |
/// | some set of scopes would be enough, with the token's other claims as they are | 403 `insufficient_scope`, and such a set |
/// | a better authentication would be enough (RFC 9470) | 401 `insufficient_user_authentication` |
/// | neither would: the token lacks a role, a permission, another claim | 403, the challenges without `error` and `scope`; `forbidden` in the body |
///
/// The set of scopes is one sufficient set: what the guards before it on the way of this request demanded, and what this
/// one demands; of alternatives the one that lacks least, the first written on a tie. Clients ask for exactly these. One
/// that replaces the scopes of its token, instead of adding to them, loses others that it has:
/// [`challenge_granted`](crate::AuthConfigBuilder::challenge_granted) names those too.
#[derive(Clone, Debug)]
pub struct RequireScopeLayer {
    policy: ScopePolicy,
    enforcement: Enforcement,
    grpc: GrpcAnswers,
}

impl RequireScopeLayer {
    /// A guard of this policy.
    #[must_use]
    pub fn new(policy: ScopePolicy) -> Self {
        Self { policy, enforcement: Enforcement::Enforced, grpc: GrpcAnswers::default() }
    }

    /// Lets everybody through and tells whom it would refuse: an event in the log, and the counter
    /// `claviger_refusals_reported_total` of the feature `metrics`. Without the auth layer the answer is 500 all the same.
    #[must_use]
    pub fn report_only(self) -> Self {
        Self { enforcement: Enforcement::ReportOnly, ..self }
    }

    /// How a gRPC request is answered where no auth layer stands before the guard; by the HTTP status unless set. Where one
    /// does, its configuration decides.
    #[must_use]
    pub fn with_grpc(self, grpc: GrpcAnswers) -> Self {
        Self { grpc, ..self }
    }
}

impl<S> Layer<S> for RequireScopeLayer {
    type Service = RequireScope<S>;

    fn layer(&self, inner: S) -> RequireScope<S> {
        RequireScope::new(inner, self.policy.clone(), self.enforcement, self.grpc)
    }
}
