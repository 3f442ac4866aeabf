//! The one decision behind every way to ask: layer, extractor, attribute, `Routes`.

use claviger_core::ScopePolicy;
use claviger_core::error::Reason;
use http::Extensions;

use crate::authenticate::Authentication;
use crate::authorize::parameters;
use crate::observe;
use crate::respond::Refused;

/// Whether a guard refuses, or only tells whom it would refuse.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "there is no third way")]
pub enum Enforcement {
    /// Requests that do not meet the policy are refused.
    #[default]
    Enforced,
    /// They are let through, logged and counted: for a new guard before production traffic.
    ReportOnly,
}

/// Whether a request with this mark among these extensions may go on.
///
/// # Errors
///
/// The answer that the request gets.
pub(crate) fn decide(
    policy: &ScopePolicy,
    enforcement: Enforcement,
    mark: &Authentication,
    extensions: &Extensions,
) -> Result<(), Refused> {
    let parameters = parameters::asked_by(policy, extensions);
    let parameters: Vec<_> = parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let refused = match mark.token().map(|token| policy.decide_at(token, &parameters)) {
        Some(Ok(())) => return Ok(()),
        Some(Err(missing)) => Refused::lacking(missing).with_token(mark.token().cloned()),
        None => Refused::because(Reason::MissingCredentials),
    };
    let refused = refused.with_scope(policy.scopes()).of_scheme(mark.scheme());
    match enforcement {
        Enforcement::Enforced => Err(refused),
        Enforcement::ReportOnly => {
            observe::would_refuse(&refused);
            Ok(())
        }
    }
}
