//! Whether the tokens of an answer are for the organization that was asked for (Auth0).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::error::ExchangeError;

/// An ID token must name the organization; an access token may, if it can be read, and must not name another.
///
/// Both came from the token endpoint itself, so their signatures add nothing here (OpenID Connect Core, section 3.1.3.7).
pub(super) fn check(organization: &str, id_token: Option<&str>, access_token: &str) -> Result<(), ExchangeError> {
    let (id_token, access_token) = (id_token.map(payload), payload(access_token));
    let is_named = |payload: &Value| NAMES.iter().any(|name| !payload[name].is_null());
    let is_other = |payload: &Value| is_named(payload) && !is_for(organization, payload);
    let is_silent = |payload: &Value| !is_named(payload);
    if id_token.iter().chain([&access_token]).any(is_other) || id_token.as_ref().is_some_and(is_silent) {
        return Err(ExchangeError::Malformed("its tokens are not for the organization that was asked for"));
    }
    Ok(())
}

/// Names are compared without case, identifiers are not.
fn is_for(organization: &str, payload: &Value) -> bool {
    let is_id = payload["org_id"].as_str() == Some(organization);
    let is_name = |name: &str| name.eq_ignore_ascii_case(organization);
    is_id || payload["org_name"].as_str().is_some_and(is_name)
}

/// `null` for what is no JWT.
fn payload(token: &str) -> Value {
    let mut parts = token.split('.');
    let payload = match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(_), Some(payload), Some(_), None) => URL_SAFE_NO_PAD.decode(payload).ok(),
        _ => None,
    };
    payload.and_then(|payload| serde_json::from_slice(&payload).ok()).unwrap_or_default()
}

const NAMES: [&str; 2] = ["org_id", "org_name"];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn jwt(payload: &Value) -> String {
        format!("e30.{}.", URL_SAFE_NO_PAD.encode(payload.to_string()))
    }

    #[test]
    fn tokens_of_another_organization_are_refused() {
        let (acme, other, none) = (jwt(&json!({"org_id":"org_1"})), jwt(&json!({"org_id":"org_2"})), jwt(&json!({})));
        for (id_token, access_token) in
            [(Some(&*acme), "opaque"), (Some(&*acme), &*none), (None, "opaque"), (None, &*none), (None, &*acme)]
        {
            assert!(check("org_1", id_token, access_token).is_ok(), "{id_token:?} {access_token}");
        }
        for (id_token, access_token) in [
            (Some(&*other), &*acme),
            (Some(&*none), &*acme),
            (Some("opaque"), &*acme),
            (None, &*other),
            (Some(&*acme), &*other),
        ] {
            assert!(check("org_1", id_token, access_token).is_err(), "{id_token:?} {access_token}");
        }
    }

    #[test]
    fn names_are_compared_without_case_and_identifiers_are_not() {
        let named = jwt(&json!({"org_id":"org_1","org_name":"acme"}));
        assert!(check("ACME", None, &named).is_ok());
        assert!(check("ORG_1", None, &named).is_err());
        assert!(check("org_1", None, &jwt(&json!({"org_id":["org_1"]}))).is_err());
    }
}
