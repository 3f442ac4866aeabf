//! 1Auth: access tokens of one application.
//!
//! **What must be right.** `app_id`: one issuer signs for many applications, and without it the token of another
//! application would be good here. There is no constructor without it, and no verifier is built with a blank one; a token
//! without it, or with another, is refused. Who somebody is depends on the application too: the same address in two
//! applications is two users.
//!
//! 1Auth's pages describe tokens with `iss`, `sub`, `aud`, `app_id`, `iat` and `exp`, and none that marks an access token,
//! so it is `app_id` that does. It is taken to be a string at the top of the payload.

use claviger_core::Algorithm;
use claviger_core::Issuer;
use claviger_core::Profile;
use serde::Deserialize;

use crate::arguments::Arguments;
use crate::redacted::redacted;

/// This issuer, for this audience and this application alone.
///
/// ```
/// use claviger_core::Verifier;
/// use claviger_providers::one_auth;
///
/// let issuer = one_auth::issuer("https://auth.example.com", "https://api.example.com", "billing");
/// assert!(Verifier::builder(issuer).build().is_ok());
///
/// let unscoped = one_auth::issuer("https://auth.example.com", "https://api.example.com", "");
/// let error = Verifier::builder(unscoped).build().unwrap_err();
/// assert_eq!(error.problems()[0].path(), "issuers[0].app_id");
/// ```
pub fn issuer(issuer: impl Into<String>, audience: impl Into<String>, app_id: &str) -> Issuer {
    let mut arguments = Arguments::default();
    let app_id = arguments.text("app_id", app_id);
    arguments.of(Issuer::new(issuer, audience)
        .with_profile(Profile::Jwt)
        .with_algorithms([Algorithm::Rs256])
        .with_access_token_claim("app_id")
        .bind_claim("app_id", app_id))
}

/// What an access token of 1Auth says.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct Claims {
    /// The user, in this application.
    pub sub: String,
    /// The application.
    pub app_id: String,
    /// The user's address.
    pub email: Option<String>,
    /// Roles in this application.
    #[serde(default)]
    pub roles: Vec<String>,
    /// Scopes, separated by spaces.
    pub scope: Option<String>,
}

redacted!(Claims);
