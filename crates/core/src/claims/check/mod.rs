//! (claims, rules, now) → ok or the first failure.

mod kind;

use crate::claims::Claim;
use crate::claims::ClaimSet;
use crate::claims::audience;
use crate::claims::members;
use crate::error::Failure;
use crate::issuer::IssuerRules;
use crate::issuer::Profile;

/// Judges the claims of a token whose signature is good. `now` is in seconds since 1970.
///
/// # Errors
///
/// The first check that failed.
pub(crate) fn check(
    claims: &ClaimSet,
    payload: &str,
    typ: Option<&str>,
    rules: &IssuerRules,
    now: f64,
) -> Result<(), Failure> {
    check_as(rules.profile, claims, payload, typ, rules, now)
}

/// The profile under which a token that was refused for its kind would pass all checks of its type and claims.
///
/// They are all made again, because a hint that is wrong leads operators into accepting ID tokens. For the same reason
/// [`Profile::Identity`] is never the answer for what looks like an access token.
pub(crate) fn accepting_profile(
    claims: &ClaimSet,
    payload: &str,
    typ: Option<&str>,
    rules: &IssuerRules,
    now: f64,
) -> Option<Profile> {
    if claims.confirmation.is_invalid || claims.confirmation.is_unchecked {
        return None;
    }
    Profile::ALL.into_iter().find(|profile| {
        *profile != rules.profile
            && !(*profile == Profile::Identity && claims.has_scope_or_client_id())
            && rules.accepts_type(*profile, typ)
            && check_as(*profile, claims, payload, typ, rules, now).is_ok()
    })
}

/// Judges the times alone; a token that was verified before is judged by them again.
pub(crate) fn check_times(claims: &ClaimSet, rules: &IssuerRules, now: f64) -> Result<(), Failure> {
    let leeway = rules.leeway;
    let exp = claims.expires_at().required("exp")?;
    if now >= exp + leeway {
        return Err(Failure::Expired { exp, now, leeway });
    }
    if let Some(nbf) = claims.not_before().optional("nbf")?
        && now < nbf - leeway
    {
        return Err(Failure::NotYetValid { nbf, now, leeway });
    }
    let iat = claims.issued_at().optional("iat")?;
    if let Some(iat) = iat
        && now < iat - leeway
    {
        return Err(Failure::IssuedInFuture { iat, now, leeway });
    }
    let Some(max_age) = rules.max_token_age else {
        return Ok(());
    };
    let iat = iat.ok_or_else(|| Failure::missing_claim("iat"))?;
    if now > iat + max_age + leeway { Err(Failure::TooOld { iat, now, max_age }) } else { Ok(()) }
}

fn check_as(
    profile: Profile,
    claims: &ClaimSet,
    payload: &str,
    typ: Option<&str>,
    rules: &IssuerRules,
    now: f64,
) -> Result<(), Failure> {
    check_types(claims, payload)?;
    check_times(claims, rules, now)?;
    audience::check(claims, payload, rules)?;
    check_profile(profile, claims, payload, typ, rules)?;
    for name in &rules.required_claims {
        members::require(payload, name)?;
    }
    for (name, values) in &rules.bound_claims {
        members::bind(payload, name, values)?;
    }
    Ok(())
}

/// Registered claims of another type are refused whether or not anybody asks for them.
fn check_types(claims: &ClaimSet, payload: &str) -> Result<(), Failure> {
    claims.subject(payload).optional("sub")?;
    claims.token_id(payload).optional("jti")?;
    claims.client_id(payload).optional("client_id")?;
    claims.authorized_party(payload).optional("azp")?;
    Ok(())
}

fn check_profile(
    profile: Profile,
    claims: &ClaimSet,
    payload: &str,
    typ: Option<&str>,
    rules: &IssuerRules,
) -> Result<(), Failure> {
    match profile {
        Profile::Rfc9068 => {
            present(claims.subject(payload), "sub")?;
            present(claims.client_id(payload), "client_id")?;
            claims.issued_at().required("iat")?;
            present(claims.token_id(payload), "jti")
        }
        Profile::Jwt => kind::check_access_token(claims, payload, typ, rules).map_err(|rule| rules.refuse(rule)),
        Profile::Identity => {
            kind::check_identity(claims).map_err(|rule| rules.refuse(rule))?;
            claims.issued_at().required("iat")?;
            check_authorized_party(claims, payload, rules)
        }
    }
}

fn present(claim: Claim<&str>, name: &str) -> Result<(), Failure> {
    if claim.required(name)?.is_empty() { Err(Failure::missing_claim(name)) } else { Ok(()) }
}

/// OpenID Connect Core 1.0, section 3.1.3.7.
fn check_authorized_party(claims: &ClaimSet, payload: &str, rules: &IssuerRules) -> Result<(), Failure> {
    if claims.audience(payload)?.count() < 2 {
        return Ok(());
    }
    match claims.authorized_party(payload).optional("azp")? {
        Some(azp) if !rules.audiences.iter().any(|ours| ours == azp) => Err(Failure::wrong_claim("azp")),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
