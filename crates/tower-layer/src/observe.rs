//! What the log hears: one event for each refusal, with labels of closed lists; and a counter behind `metrics`.

use std::borrow::Cow;

use claviger_core::VerifiedToken;
use claviger_core::error::Failure;
use claviger_core::error::Reason;
use claviger_core::error::Refusal;
use claviger_core::error::TokenFacts;
use claviger_core::error::VerifyError;
use tracing::Level;
use tracing::enabled;

use crate::field_fault::FieldFault;
use crate::respond::Refused;

/// Never the token, and of its claims only `iss`, the `aud` that was compared, and the times that were.
pub(crate) fn refused(refused: &Refused) {
    count(refused);
    let reason = refused.reason().as_str();
    match refused.refusal() {
        // An outage of the keys has one warning, where they are fetched.
        Refusal::Unavailable { .. } if refused.reason() == Reason::KeysUnavailable => {
            if enabled!(Level::INFO) {
                let (facts, detail) = (facts(refused), detail(refused));
                let (issuer, key_id, algorithm, typ) = (facts.issuer(), facts.key_id(), facts.algorithm(), facts.typ());
                tracing::info!(reason, issuer, key_id, algorithm, typ, detail, "cannot judge a request");
            }
        }
        Refusal::Unavailable { .. } => {
            let (facts, detail) = (facts(refused), detail(refused));
            let (issuer, key_id, algorithm, typ) = (facts.issuer(), facts.key_id(), facts.algorithm(), facts.typ());
            tracing::warn!(reason, issuer, key_id, algorithm, typ, detail, "cannot judge a request");
        }
        // Everybody comes once without a token, and that is no news; what was meant for one is.
        Refusal::Unauthenticated if refused.field_fault().is_none() => {
            tracing::debug!(reason, "refused a request without credentials");
        }
        Refusal::Unauthenticated
        | Refusal::InvalidRequest
        | Refusal::AmbiguousAddress
        | Refusal::CrossSite
        | Refusal::InvalidToken
        | Refusal::ExpiredToken
        | Refusal::InvalidProof
        | Refusal::UseNonce
        | Refusal::InsufficientScope
        | Refusal::InsufficientAuthentication
        | Refusal::Forbidden
        | Refusal::TooManyRequests { .. } => {
            // Strangers can cause many refusals, so their texts are not made for nobody.
            if enabled!(Level::INFO) {
                log(refused);
            }
        }
    }
}

fn log(refused: &Refused) {
    let (reason, facts, detail) = (refused.reason().as_str(), facts(refused), detail(refused));
    let Compared { audience, expected, until } = Compared::by(refused.verify_error().map(VerifyError::failure));
    tracing::info!(
        reason,
        issuer = facts.issuer(),
        key_id = facts.key_id(),
        algorithm = facts.algorithm(),
        typ = facts.typ(),
        audience = audience.map(tracing::field::display),
        expected = expected.map(tracing::field::display),
        field = refused.field_fault().map(FieldFault::field),
        detail,
        until,
        missing = refused.missing().map(ToString::to_string),
        "refused a request"
    );
}

/// What the refused token says of itself, or the accepted one that lacks something.
fn facts(refused: &Refused) -> Cow<'_, TokenFacts> {
    match refused.verify_error().and_then(VerifyError::facts) {
        Some(facts) => Cow::Borrowed(facts),
        None => Cow::Owned(refused.token().map(VerifiedToken::facts).unwrap_or_default()),
    }
}

fn detail(refused: &Refused) -> Option<String> {
    let of_check = refused.verify_error().map(VerifyError::failure);
    // Both sides of it are fields of their own.
    let of_check = of_check.filter(|failure| !matches!(failure, Failure::WrongAudience { .. }));
    let of_field = || refused.field_fault().map(|fault| fault.to_string());
    of_check.map(ToString::to_string).or_else(of_field)
}

/// A guard that only reports has let this request pass.
pub(crate) fn would_refuse(refused: &Refused) {
    #[cfg(feature = "metrics")]
    metrics::counter!("claviger_refusals_reported_total", "reason" => refused.reason().as_str()).increment(1);
    let facts = refused.token().map(VerifiedToken::facts);
    let reason = refused.reason().as_str();
    let issuer = facts.as_ref().and_then(TokenFacts::issuer);
    let key_id = facts.as_ref().and_then(TokenFacts::key_id);
    let missing = refused.missing().map(ToString::to_string);
    tracing::info!(reason, issuer, key_id, missing, "would refuse a request, were the guard enforced");
}

#[cfg(feature = "metrics")]
fn count(refused: &Refused) {
    metrics::counter!("claviger_refusals_total", "reason" => refused.reason().as_str()).increment(1);
}

#[cfg(not(feature = "metrics"))]
fn count(_: &Refused) {}

/// A cookie that was not believed, and does no harm.
pub(crate) fn pardoned(refused: &Refused) {
    tracing::debug!(reason = refused.reason().as_str(), "passed a request as anonymous, for its cookie is not good");
}

/// `who` found no mark of the layer on the request.
pub(crate) fn missing_layer(who: &str) {
    tracing::error!(who, "no `AuthLayer` stands before this: add `.layer(AuthLayer::new(config))` outside of it");
}

/// What a check compared, where that has fields of its own.
#[derive(Default)]
struct Compared {
    /// As JSON, as `expected` is.
    audience: Option<String>,
    expected: Option<String>,
    /// From when on the issuer can be asked for the key, in seconds since 1970.
    until: Option<f64>,
}

impl Compared {
    fn by(failure: Option<&Failure>) -> Self {
        match failure {
            Some(Failure::WrongAudience { found, expected }) => {
                let expected = match expected.as_slice() {
                    [one] => serde_json::to_string(one),
                    many => serde_json::to_string(many),
                };
                Self { audience: Some(found.clone()), expected: expected.ok(), until: None }
            }
            Some(Failure::RefetchExhausted { until, .. }) => Self { until: Some(*until), ..Self::default() },
            Some(_) | None => Self::default(),
        }
    }
}
