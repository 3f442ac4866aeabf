//! Is the token meant for us (RFC 7519, section 4.1.3; RFC 9068, section 4)?

use crate::claims::Claim;
use crate::claims::ClaimSet;
use crate::error::Excerpt;
use crate::error::Failure;
use crate::issuer::AudienceRule;
use crate::issuer::IssuerRules;

/// # Errors
///
/// [`Failure::WrongAudience`] if it is not, [`Failure::MissingClaim`] if it does not say, [`Failure::WrongClaim`] if
/// `aud` is no string and no array of strings.
pub(crate) fn check(claims: &ClaimSet, payload: &str, rules: &IssuerRules) -> Result<(), Failure> {
    if !claims.has_audience() {
        return absent(claims, payload, rules);
    }
    let found = claims.audience(payload)?;
    let is_ours = |audience: &str| rules.audiences.iter().any(|ours| ours == audience);
    let meets = match rules.audience_rule {
        AudienceRule::Any | AudienceRule::ClientId => found.clone().any(is_ours),
        AudienceRule::All => rules.audiences.iter().all(|ours| found.clone().any(|audience| audience == ours)),
    };
    if meets { Ok(()) } else { Err(wrong(found, rules)) }
}

fn absent(claims: &ClaimSet, payload: &str, rules: &IssuerRules) -> Result<(), Failure> {
    match (rules.audience_rule, claims.client_id(payload)) {
        (AudienceRule::ClientId, Claim::Valid(client_id)) => {
            let is_ours = rules.audiences.iter().any(|ours| ours == client_id);
            if is_ours { Ok(()) } else { Err(wrong(std::iter::once(client_id), rules)) }
        }
        _ => Err(Failure::missing_claim("aud")),
    }
}

fn wrong<'a>(found: impl Iterator<Item = &'a str>, rules: &IssuerRules) -> Failure {
    let found = found.take(MOST_TO_LOG).map(|audience| Excerpt::of(audience).to_string()).collect();
    Failure::WrongAudience { found, expected: rules.audiences.clone() }
}

const MOST_TO_LOG: usize = 8;
