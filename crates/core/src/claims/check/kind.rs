//! Is it the kind of token that the issuer's profile accepts (RFC 8725, section 3.12)?

use serde_json::Value;

use crate::claims::ClaimSet;
use crate::claims::KindClaims;
use crate::claims::members;
use crate::error::KindRule;
use crate::issuer::AccessTokenClaim;
use crate::issuer::IssuerRules;
use crate::issuer::Profile;

/// Refuses what is not an access token, for issuers that do not follow RFC 9068.
///
/// # Errors
///
/// The rule that the token breaks.
pub(super) fn check_access_token(
    claims: &ClaimSet,
    payload: &str,
    typ: Option<&str>,
    rules: &IssuerRules,
) -> Result<(), KindRule> {
    let configured = rules.access_token_claim.as_ref().map(|claim| (claim, check_claim(claim, payload)));
    // Only a claim that is as configured is exempt: `at+jwt` waives the mark, and must not let `mode` `refresh` pass.
    let exempt = match &configured {
        Some((claim, Ok(()))) => claim.names().fold(KindClaims::NONE, |all, name| all | KindClaims::named(name)),
        Some((_, Err(_))) | None => KindClaims::NONE,
    };
    let is_declared = Profile::is_access_token_type(typ);
    let waived = if is_declared || rules.allow_nonce { exempt | KindClaims::NONCE } else { exempt };
    if let Some(claim) = claims.kind.foreign(waived) {
        return Err(KindRule::Claim(claim));
    }
    match configured {
        _ if is_declared => Ok(()),
        Some((_, met)) => met.map_err(|name| KindRule::AccessTokenClaim(name.to_owned())),
        None if claims.kind.has_mark(!is_party_the_audience(claims, payload)) => Ok(()),
        None => Err(KindRule::NoMark),
    }
}

/// Refuses what is neither an ID token nor a workload token.
///
/// # Errors
///
/// The rule that the token breaks.
pub(super) fn check_identity(claims: &ClaimSet) -> Result<(), KindRule> {
    claims.kind.foreign_to_id_tokens().map_or(Ok(()), |claim| Err(KindRule::Claim(claim)))
}

/// # Errors
///
/// The first claim that is not as configured.
fn check_claim<'a>(claim: &'a AccessTokenClaim, payload: &str) -> Result<(), &'a str> {
    let absent = claim.present.iter().find(|name| members::require(payload, name).is_err());
    let is_unmet = |(name, values): &&(String, Vec<Value>)| members::bind(payload, name, values).is_err();
    let unmet = absent.or_else(|| claim.bound.iter().find(is_unmet).map(|(name, _)| name));
    unmet.map_or(Ok(()), |name| Err(name))
}

/// `azp` of an ID token is the client that it is for.
fn is_party_the_audience(claims: &ClaimSet, payload: &str) -> bool {
    let (Some(party), Ok(audience)) = (claims.authorized_party(payload).valid(), claims.audience(payload)) else {
        return false;
    };
    let mut audience = audience.peekable();
    audience.peek().is_some() && audience.all(|audience| audience == party)
}
