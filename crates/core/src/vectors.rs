//! The inside of the signature and key stages, for the vectors of this project's own tests. Not part of the API.

use std::time::Duration;

use http::HeaderMap;

use crate::keys;
use crate::token::Algorithm;

/// A signature backend.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Backend {
    /// The one that the features select.
    Default,
    /// josekit, whatever the features.
    Josekit,
}

/// Whether `backend` finds that `jwk` signed `message`; `None` if the key is not usable with `algorithm`.
#[must_use]
pub fn verifies(backend: Backend, jwk: &str, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> Option<bool> {
    let jwk = keys::vectors::jwk(jwk)?;
    let key = match backend {
        Backend::Default => jwk.verifying(algorithm)?.verifies(message, signature),
        Backend::Josekit => keys::vectors::josekit(&jwk, algorithm)?.verifies(message, signature),
    };
    Some(key)
}

/// The RFC 7638 thumbprint of a usable key.
#[must_use]
pub fn thumbprint(jwk: &str) -> Option<String> {
    Some(keys::vectors::jwk(jwk)?.material().thumbprint())
}

/// The number of usable keys of a JWK set.
///
/// # Errors
///
/// Why it is none.
pub fn usable_keys(jwks: &str) -> Result<usize, String> {
    keys::vectors::usable_keys(jwks)
}

/// The addresses of an issuer's metadata: OpenID Connect's and RFC 8414's.
#[must_use]
pub fn metadata_urls(issuer: &str) -> Option<[String; 2]> {
    keys::vectors::metadata_urls(issuer)
}

/// The lifetime that an answer states.
#[must_use]
pub fn lifetime(headers: &HeaderMap) -> Option<Duration> {
    keys::vectors::lifetime(headers)
}
