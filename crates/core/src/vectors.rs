//! The inside of the signature and key stages, for the vectors of this project's own tests. Not part of the API.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderMap;

use crate::error::Reason;
use crate::keys;
use crate::presenter::dpop::Claimed;
use crate::presenter::dpop::DpopSettings;
use crate::presenter::dpop::Proof;
use crate::presenter::dpop::ProofRules;
use crate::presenter::dpop::TargetUri;
use crate::presenter::dpop::UnverifiedProof;
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
    Some(URL_SAFE_NO_PAD.encode(keys::vectors::jwk(jwk)?.material().thumbprint()))
}

/// Judges DPoP proofs by the default rules.
#[derive(Debug)]
pub struct ProofJudge(ProofRules);

/// A proof that was judged to be good.
#[derive(Debug)]
pub struct GoodProof(Proof);

impl ProofJudge {
    /// Makes one.
    #[must_use]
    pub fn new() -> Self {
        Self(DpopSettings::default().proof_rules())
    }

    /// Judges a proof for a request of this method and URI with this opaque token at this time, in seconds since 1970.
    ///
    /// # Errors
    ///
    /// Why it is not good.
    pub fn judge(
        &self,
        proof: &str,
        method: &str,
        target: &TargetUri<'_>,
        token: &str,
        now: f64,
    ) -> Result<GoodProof, Reason> {
        let claimed = Claimed { method, target: Some(target), token, now };
        let judged = self.0.judge(proof.as_bytes(), &claimed).and_then(UnverifiedProof::verified);
        judged.map(GoodProof).map_err(|failure| failure.reason())
    }
}

impl Default for ProofJudge {
    fn default() -> Self {
        Self::new()
    }
}

impl GoodProof {
    /// The thumbprint of its key.
    #[must_use]
    pub fn thumbprint(&self) -> &str {
        self.0.key.as_str()
    }
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
