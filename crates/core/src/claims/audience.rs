//! Is the token meant for us (RFC 7519, section 4.1.3; RFC 9068, section 4)?

use std::borrow::Cow;

use crate::claims::ClaimSet;
use crate::claims::members;
use crate::error::Failure;
use crate::error::json_excerpt;
use crate::issuer::AudienceRule;
use crate::issuer::IssuerRules;
use crate::token::json;

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
    if meets { Ok(()) } else { Err(wrong(found, is_list(payload), rules)) }
}

fn absent(claims: &ClaimSet, payload: &str, rules: &IssuerRules) -> Result<(), Failure> {
    if rules.audience_rule != AudienceRule::ClientId {
        return Err(Failure::missing_claim("aud"));
    }
    let client = client(claims, payload)?.ok_or_else(|| Failure::missing_claim("aud"))?;
    let is_ours = rules.audiences.iter().any(|ours| *ours == client);
    if is_ours { Ok(()) } else { Err(wrong(std::iter::once(&*client), false, rules)) }
}

/// The client that asked for the token, by the first of the claims in which issuers name it.
fn client<'a>(claims: &'a ClaimSet, payload: &'a str) -> Result<Option<Cow<'a, str>>, Failure> {
    if let Some(client_id) = claims.client_id(payload).optional("client_id")? {
        return Ok(Some(Cow::Borrowed(client_id)));
    }
    for name in ["cid", "azp", "appid"] {
        if let Ok(raw) = members::find(payload, name) {
            return json::string(raw).map(Some).ok_or_else(|| Failure::wrong_claim(name));
        }
    }
    Ok(None)
}

fn is_list(payload: &str) -> bool {
    members::find(payload, "aud").is_ok_and(|raw| raw.starts_with('['))
}

fn wrong<'a>(found: impl Iterator<Item = &'a str>, is_list: bool, rules: &IssuerRules) -> Failure {
    Failure::WrongAudience { found: json_excerpt(found, is_list), expected: rules.audiences.clone() }
}
