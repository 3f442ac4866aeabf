//! Claims by any name, as an issuer's rules ask for them.

use serde_json::Value;

use crate::error::Failure;
use crate::token::json;

/// # Errors
///
/// [`Failure::MissingClaim`] if `name` is not in the payload, or is `null`.
pub(crate) fn require(payload: &str, name: &str) -> Result<(), Failure> {
    find(payload, name).map(|_| ())
}

/// # Errors
///
/// [`Failure::MissingClaim`], or [`Failure::WrongClaim`] if the claim is none of `values`.
pub(crate) fn bind(payload: &str, name: &str, values: &[Value]) -> Result<(), Failure> {
    let found = find(payload, name)?;
    let value: Option<Value> = serde_json::from_str(found).ok();
    if value.is_some_and(|value| values.contains(&value)) { Ok(()) } else { Err(Failure::wrong_claim(name)) }
}

/// The raw value of the claim.
///
/// # Errors
///
/// [`Failure::MissingClaim`] if `name` is not in the payload, or is `null`.
pub(crate) fn find<'a>(payload: &'a str, name: &str) -> Result<&'a str, Failure> {
    let mut found = None;
    json::object(payload, |member, raw| {
        if member == name {
            found = Some(raw);
        }
    })
    .map_err(Failure::Malformed)?;
    found.filter(|raw| *raw != "null").ok_or_else(|| Failure::missing_claim(name))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const PAYLOAD: &str = r#"{"app_id":"billing","n":1,"ok":true,"none":null,"list":["a"],"huge":1e400}"#;

    #[test]
    fn presence_is_any_value_but_null() {
        for name in ["app_id", "n", "ok", "list", "huge"] {
            assert!(require(PAYLOAD, name).is_ok(), "{name}");
        }
        for name in ["none", "App_id", "", "app_id "] {
            assert!(matches!(require(PAYLOAD, name), Err(Failure::MissingClaim { .. })), "{name}");
        }
    }

    #[test]
    fn a_bound_claim_is_one_of_its_values_and_of_their_type() {
        assert!(bind(PAYLOAD, "app_id", &[json!("billing")]).is_ok());
        assert!(bind(PAYLOAD, "app_id", &[json!("a"), json!("billing")]).is_ok());
        assert!(bind(PAYLOAD, "ok", &[json!(true)]).is_ok());
        for (name, value) in [
            ("app_id", json!("Billing")),
            ("n", json!("1")),
            ("ok", json!("true")),
            ("list", json!("a")),
            ("huge", json!(1)),
        ] {
            assert!(matches!(bind(PAYLOAD, name, &[value]), Err(Failure::WrongClaim(_))), "{name}");
        }
        assert!(matches!(bind(PAYLOAD, "none", &[json!("x")]), Err(Failure::MissingClaim { .. })));
    }
}
