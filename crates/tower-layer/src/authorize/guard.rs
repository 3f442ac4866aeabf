//! The one decision behind every way to ask: layer, extractor, attribute, `Routes`.

use claviger_core::Missing;
use claviger_core::ScopePolicy;
use claviger_core::Scopes;
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

/// Whether a request with this mark among these extensions may go on. If it may, later guards hear what it needed.
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
    let decided = mark.token().map(|token| policy.decide_at(token, &parameters::borrowed(&parameters)));
    let refused = match decided {
        Some(Ok(())) => {
            // What is only reported is not demanded.
            if enforcement == Enforcement::Enforced {
                mark.demanded().record(policy);
            }
            return Ok(());
        }
        Some(Err(missing)) => lacking(missing, mark, extensions),
        None => unauthenticated(policy, mark),
    };
    match enforcement {
        Enforcement::Enforced => Err(refused),
        Enforcement::ReportOnly => {
            observe::would_refuse(&refused);
            Ok(())
        }
    }
}

/// Names one sufficient set of scopes, so that no client asks for every alternative.
fn unauthenticated(policy: &ScopePolicy, mark: &Authentication) -> Refused {
    let scopes = policy.sufficient_scopes(None, &[]);
    Refused::because(Reason::MissingCredentials).with_scope(scopes).of_scheme(mark.scheme())
}

/// Names one set of scopes that meets this guard and those before it. Where no scope helps, it names none.
fn lacking(missing: Missing, mark: &Authentication, extensions: &Extensions) -> Refused {
    let is_forbidden = missing.reason() == Reason::Forbidden;
    let scopes = if is_forbidden { Scopes::default() } else { needed(&missing, mark, extensions) };
    Refused::lacking(missing).with_token(mark.token().cloned()).with_scope(scopes).of_scheme(mark.scheme())
}

fn needed(missing: &Missing, mark: &Authentication, extensions: &Extensions) -> Scopes {
    let mut scopes = Scopes::default();
    for policy in mark.demanded().policies() {
        let parameters = parameters::asked_by(&policy, extensions);
        scopes.extend(&policy.sufficient_scopes(mark.token(), &parameters::borrowed(&parameters)));
    }
    scopes.extend(missing.sufficient_scopes());
    scopes.extend(&mark.token().map(|token| mark.demanded().granted(token)).unwrap_or_default());
    scopes
}
