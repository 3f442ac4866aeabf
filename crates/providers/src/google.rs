//! Google: ID tokens of people and of service accounts.
//!
//! **What must be right.** `audience` is the OAuth client id of your own application (`….apps.googleusercontent.com`); for
//! service accounts it is what they ask for, mostly the address of the service. Everybody with a Google account can get
//! such a token: who may come in is decided by `sub`, or for a Workspace by `bind_claim("hd", "example.com")`. An address
//! counts only with [`email_verified`](Claims::email_verified), and the domain of an address is not `hd`.
//!
//! Access tokens of Google are opaque and no JWT. `iss` has two spellings, both of which Google documents.
//!
//! Source: <https://developers.google.com/identity/openid-connect/openid-connect>.

use claviger_core::Algorithm;
use claviger_core::Issuer;
use claviger_core::Profile;
use serde::Deserialize;

use crate::redacted::redacted;

/// Google, for this audience: `https://accounts.google.com`, and `accounts.google.com` where tokens spell it so.
///
/// ```
/// use claviger_core::Verifier;
/// use claviger_providers::google;
///
/// let issuer = google::issuer("1234-abc.apps.googleusercontent.com").bind_claim("hd", "example.com");
/// assert!(Verifier::builder(issuer).build().is_ok());
/// ```
pub fn issuer(audience: impl Into<String>) -> Issuer {
    Issuer::new("https://accounts.google.com", audience)
        .add_alias("accounts.google.com")
        .with_profile(Profile::Identity)
        .with_algorithms([Algorithm::Rs256])
        .require_claim("sub")
}

/// What an ID token of Google says.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct Claims {
    /// The account; the only thing to remember somebody by.
    pub sub: String,
    /// The client that asked for the token.
    pub azp: Option<String>,
    /// The Workspace or Cloud organization that the account belongs to.
    pub hd: Option<String>,
    /// The account's address, which can change.
    pub email: Option<String>,
    /// Whether Google has seen that the account owns it.
    #[serde(default)]
    pub email_verified: bool,
    /// For people to read.
    pub name: Option<String>,
    /// An address of a picture.
    pub picture: Option<String>,
}

redacted!(Claims);
