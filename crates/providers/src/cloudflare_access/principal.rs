//! Whom Access has let through.

use serde::Deserialize;
use serde_json::Map;
use serde_json::Value;

use crate::redacted::redacted;

/// Whom Access has let through: somebody who has logged in, or a program with a service token.
///
/// A claims type: what is neither one nor the other, or both, is no principal and its token is refused.
///
/// ```
/// use claviger_providers::cloudflare_access::Principal;
///
/// fn greeting(principal: &Principal) -> String {
///     match principal {
///         Principal::User(user) => format!("hello {}", user.email),
///         Principal::Service(service) => format!("hello program {}", service.common_name),
///     }
/// }
///
/// let claims = r#"{"type":"app","sub":"","common_name":"88bf3b6d.access"}"#;
/// let service: Principal = serde_json::from_str(claims)?;
/// assert_eq!(greeting(&service), "hello program 88bf3b6d.access");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Deserialize)]
#[serde(try_from = "Claims")]
#[expect(clippy::exhaustive_enums, reason = "whoever matches must see when a third kind comes in")]
pub enum Principal {
    /// Somebody who has logged in with an identity provider.
    User(User),
    /// A program with a service token, or a client with a certificate.
    Service(Service),
}

/// Somebody who has logged in with an identity provider.
#[derive(Clone)]
#[non_exhaustive]
pub struct User {
    /// The user, by an id that stays when the address changes.
    pub sub: String,
    /// The user's address, as the identity provider has it.
    pub email: String,
    /// Where the user logged in from, as two letters.
    pub country: Option<String>,
    /// Names what Access knows about the session; `None` if that is nothing.
    pub identity_nonce: Option<String>,
    /// Claims of the identity provider that the application passes on.
    pub custom: Map<String, Value>,
}

/// A program with a service token, or a client with a certificate.
#[derive(Clone)]
#[non_exhaustive]
pub struct Service {
    /// The client id of the service token, or the common name of the certificate.
    pub common_name: String,
}

/// The members of either.
#[derive(Deserialize)]
struct Claims {
    #[serde(default)]
    sub: String,
    email: Option<String>,
    common_name: Option<String>,
    country: Option<String>,
    identity_nonce: Option<String>,
    #[serde(default)]
    custom: Map<String, Value>,
}

impl TryFrom<Claims> for Principal {
    type Error = &'static str;

    fn try_from(claims: Claims) -> Result<Self, Self::Error> {
        let given = |text: Option<String>| text.filter(|text| !text.is_empty());
        match (given(claims.email), given(claims.common_name)) {
            (Some(email), None) if !claims.sub.is_empty() => Ok(Self::User(User {
                sub: claims.sub,
                email,
                country: claims.country,
                identity_nonce: given(claims.identity_nonce),
                custom: claims.custom,
            })),
            (None, Some(common_name)) if claims.sub.is_empty() => Ok(Self::Service(Service { common_name })),
            _ => Err("neither a user (`sub` and `email`) nor a service (`common_name` alone)"),
        }
    }
}

redacted!(Principal, User, Service);

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_user_has_a_subject_and_an_address_and_a_service_a_common_name_alone() {
        for (claims, expected) in [
            (json!({"sub": "7335d417", "email": "user@example.com"}), Some("user")),
            (json!({"sub": "7335d417", "email": "user@example.com", "common_name": ""}), Some("user")),
            (json!({"sub": "", "common_name": "88bf3b6d.access"}), Some("service")),
            (json!({"common_name": "88bf3b6d.access"}), Some("service")),
            (json!({"sub": "", "email": "user@example.com"}), None),
            (json!({"email": "user@example.com"}), None),
            (json!({"sub": "7335d417"}), None),
            (json!({"sub": "7335d417", "email": ""}), None),
            (json!({"sub": "7335d417", "common_name": "88bf3b6d.access"}), None),
            (json!({"sub": "7335d417", "email": "user@example.com", "common_name": "88bf3b6d.access"}), None),
            (json!({"sub": "", "email": "user@example.com", "common_name": "88bf3b6d.access"}), None),
            (json!({"sub": 7, "email": "user@example.com"}), None),
            (json!({}), None),
        ] {
            let found = match serde_json::from_value::<Principal>(claims.clone()) {
                Ok(Principal::User(_)) => Some("user"),
                Ok(Principal::Service(_)) => Some("service"),
                Err(_) => None,
            };
            assert_eq!(found, expected, "{claims}");
        }
    }

    #[test]
    fn debug_tells_nobody() {
        let claims = json!({"sub": "7335d417", "email": "user@example.com"});
        let principal: Principal = serde_json::from_value(claims).unwrap();
        let debug = format!("{principal:?}");
        assert!(!debug.contains("7335d417") && !debug.contains("user@"), "{debug}");
    }
}
