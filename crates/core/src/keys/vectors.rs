//! What the vectors reach of this stage.

use std::time::Duration;

use http::HeaderMap;
use url::Url;

use crate::keys::discovery;
use crate::keys::freshness;
use crate::keys::jwk::Jwk;
use crate::keys::set::KeySet;
use crate::signature::VerifyingKey;
use crate::token::Algorithm;

pub(crate) fn jwk(text: &str) -> Option<Jwk> {
    Jwk::read(text).ok()
}

pub(crate) fn josekit(jwk: &Jwk, algorithm: Algorithm) -> Option<VerifyingKey> {
    jwk.verifying(algorithm)?;
    VerifyingKey::with_josekit(algorithm, jwk.material())
}

pub(crate) fn usable_keys(jwks: &str) -> Result<usize, String> {
    KeySet::read(jwks, usize::MAX).map(|set| set.len()).map_err(|error| error.to_string())
}

pub(crate) fn metadata_urls(issuer: &str) -> Option<[String; 2]> {
    let issuer = Url::parse(issuer).ok()?;
    Some([discovery::openid_url(&issuer).into(), discovery::oauth_url(&issuer).into()])
}

pub(crate) fn lifetime(headers: &HeaderMap) -> Option<Duration> {
    freshness::lifetime(headers)
}
