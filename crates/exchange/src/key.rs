//! Private keys of ours, for assertions and proofs.

use std::fmt;

use claviger_core::Algorithm;
use josekit::JoseError;
use josekit::jwk::Jwk;
use josekit::jwk::KeyPair;
use josekit::jwk::alg::ec::EcCurve;
use josekit::jwk::alg::ec::EcKeyPair;
use josekit::jwk::alg::ed::EdCurve;
use josekit::jwk::alg::ed::EdKeyPair;
use josekit::jwk::alg::rsa::RsaKeyPair;
use josekit::jws;
use josekit::jws::JwsHeader;
use josekit::jws::JwsSigner;
use secrecy::ExposeSecret;
use secrecy::SecretString;
use serde_json::Map;
use serde_json::Value;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::error::ExchangeError;

/// A private key and the algorithm that it signs with.
///
/// ```
/// use claviger_core::Algorithm;
/// use claviger_exchange::PrivateKey;
///
/// let key = PrivateKey::generate(Algorithm::Es256)?;
/// assert_eq!(format!("{key:?}"), "PrivateKey { algorithm: Es256, .. }");
/// # Ok::<(), claviger_exchange::UnusableKey>(())
/// ```
pub struct PrivateKey {
    algorithm: Algorithm,
    key_id: Option<String>,
    public: Jwk,
    signer: Box<dyn JwsSigner>,
}

/// A key that does not sign: it is malformed, or of another type than its algorithm.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("the key is malformed, or not one for {algorithm:?}")]
pub struct UnusableKey {
    algorithm: Algorithm,
}

impl PrivateKey {
    /// A key in PEM: PKCS #8, or the traditional form of its type.
    ///
    /// # Errors
    ///
    /// [`UnusableKey`].
    pub fn from_pem(algorithm: Algorithm, pem: &SecretString) -> Result<Self, UnusableKey> {
        let pem = pem.expose_secret();
        Self::read(
            algorithm,
            |curve| EcKeyPair::from_pem(pem, Some(curve)),
            || EdKeyPair::from_pem(pem),
            || RsaKeyPair::from_pem(pem),
        )
    }

    /// A key as a JWK with its private members (RFC 7517); its `kid` is the key id.
    ///
    /// # Errors
    ///
    /// [`UnusableKey`].
    pub fn from_jwk(algorithm: Algorithm, jwk: &SecretString) -> Result<Self, UnusableKey> {
        let jwk = Jwk::from_bytes(jwk.expose_secret()).map_err(|_| UnusableKey { algorithm })?;
        let key = Self::read(
            algorithm,
            |_| EcKeyPair::from_jwk(&jwk),
            || EdKeyPair::from_jwk(&jwk),
            || RsaKeyPair::from_jwk(&jwk),
        )?;
        Ok(Self { key_id: jwk.key_id().map(str::to_owned), ..key })
    }

    /// A new key, for proofs of possession.
    ///
    /// # Errors
    ///
    /// [`UnusableKey`] if there is no randomness.
    pub fn generate(algorithm: Algorithm) -> Result<Self, UnusableKey> {
        let curve = if algorithm == Algorithm::Ed448 { EdCurve::Ed448 } else { EdCurve::Ed25519 };
        Self::read(algorithm, EcKeyPair::generate, || EdKeyPair::generate(curve), || RsaKeyPair::generate(2048))
    }

    /// The key id that assertions name.
    #[must_use]
    pub fn with_key_id(self, key_id: impl Into<String>) -> Self {
        Self { key_id: Some(key_id.into()), ..self }
    }

    /// The algorithm that it signs with.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// An assertion of this client (RFC 7523, section 2.2).
    pub(crate) fn sign_assertion(&self, claims: Map<String, Value>) -> Result<SecretString, ExchangeError> {
        let mut header = JwsHeader::new();
        header.set_token_type("JWT");
        if let Some(key_id) = &self.key_id {
            header.set_key_id(key_id);
        }
        self.sign(&header, claims)
    }

    /// A proof of possession (RFC 9449, section 4.2), which names the key itself.
    pub(crate) fn sign_proof(&self, claims: Map<String, Value>) -> Result<SecretString, ExchangeError> {
        let mut header = JwsHeader::new();
        header.set_token_type("dpop+jwt");
        header.set_jwk(self.public.clone());
        self.sign(&header, claims)
    }

    fn sign(&self, header: &JwsHeader, claims: Map<String, Value>) -> Result<SecretString, ExchangeError> {
        let claims = Value::Object(claims).to_string();
        let signed = jws::serialize_compact(claims.as_bytes(), header, &*self.signer);
        signed.map(SecretString::from).map_err(|_| ExchangeError::Credentials("the key does not sign"))
    }

    fn read(
        algorithm: Algorithm,
        ec: impl FnOnce(EcCurve) -> Result<EcKeyPair, JoseError>,
        ed: impl FnOnce() -> Result<EdKeyPair, JoseError>,
        rsa: impl FnOnce() -> Result<RsaKeyPair, JoseError>,
    ) -> Result<Self, UnusableKey> {
        let unusable = |_| UnusableKey { algorithm };
        let (der, jwk) = match Family::of(algorithm).ok_or(UnusableKey { algorithm })? {
            Family::Ec(curve) => parts(&ec(curve).map_err(unusable)?),
            Family::Ed => parts(&ed().map_err(unusable)?),
            Family::Rsa => parts(&rsa().map_err(unusable)?),
        };
        let signer = signer(algorithm, &der).map_err(unusable)?;
        // The members that name a key, and not what it may do.
        let mut public = Jwk::new(jwk.key_type());
        for name in ["crv", "x", "y", "n", "e"] {
            public.set_parameter(name, jwk.parameter(name).cloned()).map_err(unusable)?;
        }
        Ok(Self { algorithm, key_id: None, public, signer })
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrivateKey").field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

enum Family {
    Ec(EcCurve),
    Ed,
    Rsa,
}

impl Family {
    /// `None` for what this version does not know.
    fn of(algorithm: Algorithm) -> Option<Self> {
        Some(match algorithm {
            Algorithm::Es256 => Self::Ec(EcCurve::P256),
            Algorithm::Es256k => Self::Ec(EcCurve::Secp256k1),
            Algorithm::Es384 => Self::Ec(EcCurve::P384),
            Algorithm::Es512 => Self::Ec(EcCurve::P521),
            Algorithm::Ed25519 | Algorithm::Ed448 => Self::Ed,
            Algorithm::Rs256
            | Algorithm::Rs384
            | Algorithm::Rs512
            | Algorithm::Ps256
            | Algorithm::Ps384
            | Algorithm::Ps512 => Self::Rsa,
            _ => return None,
        })
    }
}

fn parts(pair: &dyn KeyPair) -> (Zeroizing<Vec<u8>>, Jwk) {
    (Zeroizing::new(pair.to_der_private_key()), pair.to_jwk_public_key())
}

#[expect(clippy::wildcard_enum_match_arm, reason = "`Family::of` has told what is not known")]
fn signer(algorithm: Algorithm, der: &[u8]) -> Result<Box<dyn JwsSigner>, JoseError> {
    match algorithm {
        Algorithm::Es256 => boxed(jws::ES256.signer_from_der(der)),
        Algorithm::Es256k => boxed(jws::ES256K.signer_from_der(der)),
        Algorithm::Es384 => boxed(jws::ES384.signer_from_der(der)),
        Algorithm::Es512 => boxed(jws::ES512.signer_from_der(der)),
        Algorithm::Rs256 => boxed(jws::RS256.signer_from_der(der)),
        Algorithm::Rs384 => boxed(jws::RS384.signer_from_der(der)),
        Algorithm::Rs512 => boxed(jws::RS512.signer_from_der(der)),
        Algorithm::Ps256 => boxed(jws::PS256.signer_from_der(der)),
        Algorithm::Ps384 => boxed(jws::PS384.signer_from_der(der)),
        Algorithm::Ps512 => boxed(jws::PS512.signer_from_der(der)),
        _ => boxed(jws::EdDSA.signer_from_der(der)),
    }
}

fn boxed(signer: Result<impl JwsSigner + 'static, JoseError>) -> Result<Box<dyn JwsSigner>, JoseError> {
    signer.map(|signer| Box::new(signer) as Box<dyn JwsSigner>)
}
