//! OpenAuth (`@openauthjs/openauth`): access tokens of a client.
//!
//! **What must be right.** `issuer` is the origin that the server is reached at, without a slash: OpenAuth writes no path
//! into `iss`, and behind a proxy it believes `X-Forwarded-Host`, so `iss` follows the address that clients use.
//! `audience` is the client id that asked for the token (`clientID`), because OpenAuth writes nothing else into `aud`: list
//! every client whose users may come ([`add_audience`](Issuer::add_audience)).
//!
//! Its tokens have no scope, no `client_id` and no `iat`; `mode` `access` marks an access token, and it is demanded. Refresh
//! tokens are not JWTs. What the application says of the subject is in [`Claims::properties`], by the name
//! [`Claims::kind`].
//!
//! Source: version 0.4.3 of the package; tested against its tokens.

use claviger_core::Algorithm;
use claviger_core::Issuer;
use claviger_core::Profile;
use serde::Deserialize;
use serde_json::Value;

use crate::arguments::Arguments;
use crate::redacted::redacted;

/// The server at this origin, for the tokens of this client.
///
/// Its metadata are at `/.well-known/oauth-authorization-server` (RFC 8414) alone.
///
/// ```
/// use claviger_core::Verifier;
/// use claviger_providers::openauth;
///
/// let issuer = openauth::issuer("https://auth.example.com", "my-client-id");
/// assert!(Verifier::builder(issuer).build().is_ok());
///
/// let wrong = openauth::issuer("https://auth.example.com/", "my-client-id");
/// let error = Verifier::builder(wrong).build().unwrap_err();
/// assert_eq!(error.problems()[0].path(), "issuers[0].issuer");
/// ```
pub fn issuer(issuer: &str, audience: impl Into<String>) -> Issuer {
    let mut arguments = Arguments::default();
    let origin = arguments.origin("issuer", issuer);
    let metadata = format!("{origin}/.well-known/oauth-authorization-server");
    arguments.of(Issuer::new(origin, audience)
        .with_discovery_url(metadata)
        .with_profile(Profile::Jwt)
        .with_algorithms([Algorithm::Es256])
        .bind_access_token_claim("mode", "access"))
}

/// What an access token of OpenAuth says.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct Claims {
    /// The subject, which OpenAuth makes of kind and properties (`user:0f9…`), unless the application names it.
    pub sub: String,
    /// The kind of subject, as the application calls it (`user`).
    #[serde(rename = "type")]
    pub kind: String,
    /// What the application says of the subject, in its own form.
    #[serde(default)]
    pub properties: Value,
}

redacted!(Claims);
