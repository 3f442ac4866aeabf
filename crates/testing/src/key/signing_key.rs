//! A key of an issuer, private half included.

use std::fmt;
use std::fmt::Debug;
use std::fmt::Formatter;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use josekit::util::random_bytes;
use serde_json::Map;
use serde_json::Value;

use super::material::Material;
use super::signer::Signer;
use crate::SigningAlgorithm;
use crate::members::Members;

/// A private key, the algorithm it signs with, and how its public half is published.
///
/// Clones share the key material, so a test file can generate one RSA key, which takes a while, and hand it around.
///
/// ```
/// use claviger_testing::SigningAlgorithm;
/// use claviger_testing::SigningKey;
///
/// let key = SigningKey::generate(SigningAlgorithm::Es256).with_key_id("2025-06");
/// assert_eq!(key.public_jwk()["crv"], "P-256");
/// assert_eq!(key.public_jwk()["use"], "sig");
/// assert!(key.public_jwk().get("d").is_none());
///
/// // An issuer that says less about its keys, and one that says something wrong.
/// let terse = key.clone().without_member("alg").without_member("use");
/// assert!(terse.public_jwk().get("alg").is_none());
/// let wrong = key.with_member("use", "enc");
/// assert_eq!(wrong.public_jwk()["use"], "enc");
/// ```
#[derive(Clone)]
pub struct SigningKey {
    material: Arc<Material>,
    signer: Arc<Signer>,
    algorithm: SigningAlgorithm,
    algorithm_name: String,
    key_id: Option<String>,
    members: Members,
}

impl SigningKey {
    /// Generates a key with a random key id; RSA keys have 2048 bits, secrets 32 bytes.
    ///
    /// # Panics
    ///
    /// If OpenSSL was built without the curve.
    #[must_use]
    pub fn generate(algorithm: SigningAlgorithm) -> Self {
        Self::over(Arc::new(Material::generate(algorithm)), algorithm)
    }

    /// Generates an RSA key of any size that OpenSSL makes: 512 bits and more.
    ///
    /// ```
    /// use claviger_testing::SigningAlgorithm;
    /// use claviger_testing::SigningKey;
    /// use claviger_testing::TestIssuer;
    ///
    /// let weak = SigningKey::generate_rsa(SigningAlgorithm::Rs256, 1024);
    /// let issuer = TestIssuer::in_memory("https://issuer.example.com");
    /// issuer.rotate(weak); // a verifier must not take it
    /// assert_eq!(issuer.token().sign().split('.').count(), 3);
    /// ```
    ///
    /// # Panics
    ///
    /// If the algorithm is not of the RS or PS family.
    #[must_use]
    pub fn generate_rsa(algorithm: SigningAlgorithm, bits: u32) -> Self {
        Self::over(Arc::new(Material::generate_rsa(bits)), algorithm)
    }

    /// An HS256 key over `secret`, to test that symmetric signatures are refused.
    ///
    /// Its JWK never gets into the issuer's set by itself; see [`private_jwk`](Self::private_jwk).
    ///
    /// ```
    /// use claviger_testing::SigningAlgorithm;
    /// use claviger_testing::SigningKey;
    ///
    /// // The classic confusion: an HMAC keyed with the public key that everybody has.
    /// let key = SigningKey::generate(SigningAlgorithm::Es256);
    /// let forger = SigningKey::from_secret(key.public_pem()).with_key_id(key.key_id().unwrap());
    /// assert_eq!(forger.algorithm(), SigningAlgorithm::Hs256);
    /// ```
    ///
    /// # Panics
    ///
    /// If the secret is shorter than 32 bytes (RFC 7518, section 3.2).
    #[must_use]
    pub fn from_secret(secret: impl Into<Vec<u8>>) -> Self {
        Self::over(Arc::new(Material::Secret(secret.into())), SigningAlgorithm::Hs256)
    }

    /// The same key material under another algorithm, with the same key id.
    ///
    /// ```
    /// use claviger_testing::SigningAlgorithm;
    /// use claviger_testing::SigningKey;
    ///
    /// let rs256 = SigningKey::generate(SigningAlgorithm::Rs256);
    /// let ps256 = rs256.with_algorithm(SigningAlgorithm::Ps256);
    /// assert_eq!(rs256.public_jwk()["n"], ps256.public_jwk()["n"]);
    /// ```
    ///
    /// # Panics
    ///
    /// If keys of this type and curve cannot sign with `algorithm`.
    #[must_use]
    pub fn with_algorithm(&self, algorithm: SigningAlgorithm) -> Self {
        Self {
            key_id: self.key_id.clone(),
            members: self.members.clone(),
            ..Self::over(Arc::clone(&self.material), algorithm)
        }
    }

    /// Replaces the spelling of the algorithm in token headers and in the JWK.
    ///
    /// For the two names of Edwards curves, or for names that are none.
    ///
    /// ```
    /// use claviger_testing::SigningAlgorithm;
    /// use claviger_testing::SigningKey;
    ///
    /// let key = SigningKey::generate(SigningAlgorithm::Ed25519);
    /// assert_eq!(key.public_jwk()["alg"], "EdDSA");
    /// assert_eq!(key.with_algorithm_name("Ed25519").public_jwk()["alg"], "Ed25519");
    /// ```
    #[must_use]
    pub fn with_algorithm_name(mut self, name: impl Into<String>) -> Self {
        self.algorithm_name = name.into();
        self
    }

    /// Replaces the random key id.
    #[must_use]
    pub fn with_key_id(mut self, key_id: impl Into<String>) -> Self {
        self.key_id = Some(key_id.into());
        self
    }

    /// Leaves `kid` out of the JWK and of token headers.
    #[must_use]
    pub fn without_key_id(mut self) -> Self {
        self.key_id = None;
        self
    }

    /// Sets a member of the published JWK, whatever that does to it.
    #[must_use]
    pub fn with_member(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.members.set(name, value);
        self
    }

    /// Leaves a member out of the published JWK.
    #[must_use]
    pub fn without_member(mut self, name: impl Into<String>) -> Self {
        self.members.remove(name);
        self
    }

    /// The algorithm this key signs with.
    #[must_use]
    pub fn algorithm(&self) -> SigningAlgorithm {
        self.algorithm
    }

    /// The algorithm as token headers and the JWK spell it.
    #[must_use]
    pub fn algorithm_name(&self) -> &str {
        &self.algorithm_name
    }

    /// The key id, if the key has one.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    /// The JWK that is published (RFC 7517), with `use` and `alg`; for a secret, all but the secret.
    #[must_use]
    pub fn public_jwk(&self) -> Value {
        self.described(self.material.public_jwk())
    }

    /// The JWK with its private members.
    ///
    /// An issuer that publishes a secret by mistake:
    ///
    /// ```
    /// use claviger_testing::SigningAlgorithm;
    /// use claviger_testing::SigningKey;
    /// use claviger_testing::TestIssuer;
    /// use serde_json::json;
    ///
    /// let issuer = TestIssuer::in_memory("https://issuer.example.com");
    /// let secret = SigningKey::generate(SigningAlgorithm::Hs256);
    /// issuer.set_jwks(json!({ "keys": [secret.private_jwk()] }).to_string());
    /// assert!(issuer.jwks().contains(r#""kty":"oct""#));
    /// ```
    #[must_use]
    pub fn private_jwk(&self) -> Value {
        self.described(self.material.private_jwk())
    }

    /// The public key as PEM (`SubjectPublicKeyInfo`); RSA keys are `rsaEncryption`, also for PS algorithms.
    ///
    /// # Panics
    ///
    /// For an HS256 key, which has no public half.
    #[must_use]
    pub fn public_pem(&self) -> String {
        self.material.public_pem()
    }

    /// Signs `message`; the signature is in the form that a JWS carries (RFC 7518, section 3).
    ///
    /// # Panics
    ///
    /// If an RSA key is too short for the digest and the padding of its algorithm.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.signer.sign(message)
    }

    pub(crate) fn is_symmetric(&self) -> bool {
        matches!(*self.material, Material::Secret(_))
    }

    fn over(material: Arc<Material>, algorithm: SigningAlgorithm) -> Self {
        Self {
            signer: Arc::new(Signer::new(&material, algorithm)),
            material,
            algorithm,
            algorithm_name: algorithm.name().to_owned(),
            key_id: Some(URL_SAFE_NO_PAD.encode(random_bytes(8))),
            members: Members::default(),
        }
    }

    fn described(&self, mut jwk: Map<String, Value>) -> Value {
        jwk.insert("use".to_owned(), "sig".into());
        jwk.insert("alg".to_owned(), self.algorithm_name.clone().into());
        if let Some(key_id) = &self.key_id {
            jwk.insert("kid".to_owned(), key_id.clone().into());
        }
        self.members.apply(&mut jwk);
        Value::Object(jwk)
    }
}

impl Debug for SigningKey {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("algorithm", &self.algorithm)
            .field("key_id", &self.key_id)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_tells_the_key_id_and_nothing_of_the_key() {
        let secret = "a secret of thirty-two bytes, or more";
        let shown = format!("{:?}", SigningKey::from_secret(secret).with_key_id("k1"));

        assert!(shown.contains("k1"));
        assert!(!shown.contains("secret of"));
        assert!(!shown.contains(&format!("{:?}", secret.as_bytes())));
    }

    #[test]
    fn generated_key_ids_differ() {
        let [one, other] =
            [SigningKey::generate(SigningAlgorithm::Es256), SigningKey::generate(SigningAlgorithm::Es256)];
        assert_ne!(one.key_id(), other.key_id());
    }

    #[test]
    fn the_public_jwk_of_a_secret_leaves_the_secret_out() {
        let key = SigningKey::generate(SigningAlgorithm::Hs256);
        assert!(key.public_jwk().get("k").is_none());
        assert!(key.private_jwk().get("k").is_some());
    }

    #[test]
    #[should_panic(expected = "an RSA key cannot sign with ES256")]
    fn a_key_cannot_take_an_algorithm_of_another_type() {
        let _ = SigningKey::generate_rsa(SigningAlgorithm::Rs256, 1024).with_algorithm(SigningAlgorithm::Es256);
    }

    #[test]
    #[should_panic(expected = "a P-256 key cannot sign with ES384")]
    fn a_key_cannot_take_an_algorithm_of_another_curve() {
        let _ = SigningKey::generate(SigningAlgorithm::Es256).with_algorithm(SigningAlgorithm::Es384);
    }
}
