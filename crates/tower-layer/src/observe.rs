//! What the log hears: one event for each refusal, with labels of closed lists; and a counter behind `metrics`.

use claviger_core::VerifiedToken;
use claviger_core::error::Failure;
use claviger_core::error::Reason;
use claviger_core::error::Refusal;
use claviger_core::error::TokenFacts;
use claviger_core::error::VerifyError;

use crate::address_fault::AddressFault;
use crate::respond::Refused;

/// Never the token, and of its claims only `iss`, and `aud` where that was compared.
pub(crate) fn refused(refused: &Refused) {
    count(refused);
    let error = refused.verify_error();
    let of_believed = refused.token().map(VerifiedToken::facts);
    let facts = error.and_then(VerifyError::facts).or(of_believed.as_ref());
    let reason = refused.reason().as_str();
    let issuer = facts.and_then(TokenFacts::issuer);
    let key_id = facts.and_then(TokenFacts::key_id);
    let algorithm = facts.and_then(TokenFacts::algorithm);
    let typ = facts.and_then(TokenFacts::typ);
    let missing = refused.missing().map(ToString::to_string);
    let Compared { audience, expected, detail, until } = Compared::by(error.map(VerifyError::failure));
    let field = refused.address_fault().map(AddressFault::field);
    let detail = detail.or_else(|| refused.address_fault().map(|fault| fault.to_string()));
    match refused.refusal() {
        // An outage of the keys has one warning, where they are fetched.
        Refusal::Unavailable { .. } if refused.reason() == Reason::KeysUnavailable => {
            tracing::info!(reason, issuer, key_id, algorithm, typ, detail, "cannot judge a request");
        }
        Refusal::Unavailable { .. } => {
            tracing::warn!(reason, issuer, key_id, algorithm, typ, detail, "cannot judge a request");
        }
        Refusal::Unauthenticated => tracing::debug!(reason, "refused a request without credentials"),
        Refusal::InvalidRequest
        | Refusal::AmbiguousAddress
        | Refusal::CrossSite
        | Refusal::InvalidToken
        | Refusal::ExpiredToken
        | Refusal::InvalidProof
        | Refusal::UseNonce
        | Refusal::InsufficientScope
        | Refusal::Forbidden
        | Refusal::InsufficientAuthentication
        | Refusal::TooManyRequests { .. } => {
            tracing::info!(
                reason,
                issuer,
                key_id,
                algorithm,
                typ,
                audience,
                expected,
                field,
                detail,
                until,
                missing,
                "refused a request"
            );
        }
    }
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

/// What a check compared, as far as the log may have it.
#[derive(Default)]
struct Compared {
    audience: Option<String>,
    expected: Option<String>,
    detail: Option<String>,
    /// From when on the issuer can be asked for the key, in seconds since 1970.
    until: Option<f64>,
}

impl Compared {
    fn by(failure: Option<&Failure>) -> Self {
        match failure {
            Some(Failure::WrongAudience { found, expected }) => {
                Self { audience: Some(found.join(" ")), expected: Some(expected.join(" ")), ..Self::default() }
            }
            Some(failure @ Failure::RefetchExhausted { until, .. }) => {
                Self { detail: Some(failure.to_string()), until: Some(*until), ..Self::default() }
            }
            // Their text holds the times of the token or the proof, which are claims.
            Some(
                Failure::Expired { .. }
                | Failure::NotYetValid { .. }
                | Failure::IssuedInFuture { .. }
                | Failure::TooOld { .. }
                | Failure::ProofExpired { .. },
            )
            | None => Self::default(),
            Some(failure) => Self { detail: Some(failure.to_string()), ..Self::default() },
        }
    }
}
