//! Making proofs, correct ones and others.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use josekit::util::random_bytes;
use openssl::sha::sha256;
use serde_json::Value;
use serde_json::json;

use crate::SigningKey;
use crate::draft::Draft;
use crate::draft::object;

/// A DPoP proof about to be signed, from [`DpopClient::proof`](crate::DpopClient::proof).
///
/// It starts as a correct proof (RFC 9449, section 4.2):
///
/// | Where | Members |
/// |---|---|
/// | header | `typ` `dpop+jwt`, `alg` of the client's key, `jwk` its public half |
/// | claims | `jti` random, `htm`, `htu` without query and fragment, `iat` now, `ath`, `nonce` if the client has one |
///
/// ```
/// use claviger_testing::DpopClient;
/// use http::Method;
///
/// let client = DpopClient::new();
/// let proof = || client.proof(&Method::GET, "https://api.example.com/a?b", "token");
/// assert_ne!(proof().sign(), proof().sign(), "no two are alike");
///
/// // For another method, by another key, and without a time.
/// let wrong = [
///     proof().claim("htm", "POST").sign(),
///     proof().signed_by(DpopClient::new().key()).sign(),
///     proof().without("iat").sign(),
/// ];
/// assert!(wrong.iter().all(|proof| proof.split('.').count() == 3));
/// ```
#[derive(Clone, Debug)]
#[must_use = "a proof is made by `sign`"]
pub struct ProofBuilder {
    draft: Draft,
    jwk: Value,
    now: Duration,
}

impl ProofBuilder {
    pub(super) fn new(key: &SigningKey, jwk: Value, now: Duration) -> Self {
        let claims = [("jti", json!(URL_SAFE_NO_PAD.encode(random_bytes(16)))), ("iat", json!(now.as_secs()))];
        Self { draft: Draft::new(key.clone(), claims), jwk, now }
    }

    /// Sets a claim, of any JSON type.
    pub fn claim(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.draft.claims.insert(name.into(), value.into());
        self
    }

    /// Leaves a claim out.
    pub fn without(mut self, name: &str) -> Self {
        self.draft.claims.remove(name);
        self
    }

    /// Sets `htu` to this URL without query and fragment. To send it as it stands: `claim("htu", url)`.
    pub fn url(self, url: &str) -> Self {
        let url = url.split(['?', '#']).next().unwrap_or_default().to_owned();
        self.claim("htu", url)
    }

    /// Sets `ath` to the hash of this token.
    pub fn token(self, token: &str) -> Self {
        self.claim("ath", URL_SAFE_NO_PAD.encode(sha256(token.as_bytes())))
    }

    /// Sets `iat` to so many seconds after now, or before it.
    pub fn issued(self, seconds: i64) -> Self {
        let now = self.now.as_secs();
        self.claim("iat", now.saturating_add_signed(seconds))
    }

    /// Sets a header parameter, of any JSON type; wins over what the key says.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.draft.header.set(name, value);
        self
    }

    /// Leaves a header parameter out.
    pub fn without_header(mut self, name: impl Into<String>) -> Self {
        self.draft.header.remove(name);
        self
    }

    /// Sets a member of the header's `jwk`, of any JSON type.
    pub fn jwk_member(mut self, name: &str, value: impl Into<Value>) -> Self {
        if let Some(jwk) = self.jwk.as_object_mut() {
            jwk.insert(name.to_owned(), value.into());
        }
        self
    }

    /// Leaves a member of the header's `jwk` out.
    pub fn without_jwk_member(mut self, name: &str) -> Self {
        if let Some(jwk) = self.jwk.as_object_mut() {
            jwk.remove(name);
        }
        self
    }

    /// Signs with this key, while the header has the client's.
    pub fn signed_by(mut self, key: &SigningKey) -> Self {
        self.draft.key = key.clone();
        self
    }

    /// Takes these bytes for the header, before base64url, whatever was said about its parameters.
    pub fn raw_header(mut self, header: impl Into<Vec<u8>>) -> Self {
        self.draft.raw_header = Some(header.into());
        self
    }

    /// Takes these bytes for the payload, before base64url, whatever was said about claims.
    pub fn raw_payload(mut self, payload: impl Into<Vec<u8>>) -> Self {
        self.draft.raw_payload = Some(payload.into());
        self
    }

    /// Takes these bytes for the signature, before base64url, instead of signing.
    pub fn with_signature(mut self, signature: impl Into<Vec<u8>>) -> Self {
        self.draft.signature = Some(signature.into());
        self
    }

    /// Makes the proof: a JWS in compact serialization (RFC 7515, section 7.1).
    ///
    /// # Panics
    ///
    /// If an RSA key is too short for the digest and the padding of its algorithm.
    #[must_use]
    pub fn sign(self) -> String {
        let algorithm = self.draft.key.algorithm_name();
        let header = object([("typ", "dpop+jwt".into()), ("alg", algorithm.into()), ("jwk", self.jwk)]);
        self.draft.sign(header)
    }
}
