//! Firebase Authentication: ID tokens, which are what an API of a Firebase project gets.
//!
//! **What must be right.** `project` is the project's id, not its name or number: it is both the end of `iss` and `aud`.
//! Anonymous users have tokens too; [`Claims::sign_in_provider`] tells them apart.
//!
//! Source: <https://firebase.google.com/docs/auth/admin/verify-id-tokens>.

use claviger_core::Algorithm;
use claviger_core::Issuer;
use claviger_core::Profile;
use serde::Deserialize;

use crate::arguments::Arguments;
use crate::redacted::redacted;

/// The project of this id: `https://securetoken.google.com/PROJECT`, and itself the audience.
///
/// ```
/// use claviger_core::Verifier;
/// use claviger_providers::firebase;
///
/// assert!(Verifier::builder(firebase::issuer("my-app-1234")).build().is_ok());
/// ```
pub fn issuer(project: &str) -> Issuer {
    let mut arguments = Arguments::default();
    let is_id = project.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    let project =
        arguments.matching("project", project, is_id, "must be the id of a project: small letters, digits and `-`");
    arguments.of(Issuer::new(format!("https://securetoken.google.com/{project}"), project)
        .with_profile(Profile::Identity)
        .with_algorithms([Algorithm::Rs256])
        .require_claim("sub")
        .require_claim("auth_time"))
}

/// What an ID token of Firebase says.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct Claims {
    /// The user's `uid`.
    pub sub: String,
    /// When the user signed in, in seconds since 1970.
    pub auth_time: u64,
    /// The user's address.
    pub email: Option<String>,
    /// Whether the user has shown to own it.
    #[serde(default)]
    pub email_verified: bool,
    /// The user's number, in the form of E.164.
    pub phone_number: Option<String>,
    /// For people to read.
    pub name: Option<String>,
    /// How the user signed in.
    pub firebase: SignIn,
}

/// How a user signed in.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct SignIn {
    /// `password`, `google.com`, `anonymous`, `custom` and others.
    pub sign_in_provider: String,
    /// The tenant of Identity Platform, where there are several.
    pub tenant: Option<String>,
}

impl Claims {
    /// `password`, `google.com`, `anonymous`, `custom` and others.
    #[must_use]
    pub fn sign_in_provider(&self) -> &str {
        &self.firebase.sign_in_provider
    }
}

redacted!(Claims, SignIn);
