//! The key pairs themselves, as josekit makes them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use josekit::jwk::Jwk;
use josekit::jwk::KeyPair;
use josekit::jwk::alg::ec::EcCurve;
use josekit::jwk::alg::ec::EcKeyPair;
use josekit::jwk::alg::ed::EdCurve;
use josekit::jwk::alg::ed::EdKeyPair;
use josekit::jwk::alg::rsa::RsaKeyPair;
use josekit::util::random_bytes;
use serde_json::Map;
use serde_json::Value;

use crate::SigningAlgorithm;

/// A key of one of the four types that sign.
pub(super) enum Material {
    Ec(EcKeyPair),
    Ed(EdKeyPair),
    Rsa(RsaKeyPair),
    Secret(Vec<u8>),
}

impl Material {
    pub(super) fn generate(algorithm: SigningAlgorithm) -> Self {
        match algorithm {
            SigningAlgorithm::Ed25519 => Self::generate_ed(EdCurve::Ed25519),
            SigningAlgorithm::Ed448 => Self::generate_ed(EdCurve::Ed448),
            SigningAlgorithm::Es256 => Self::generate_ec(EcCurve::P256),
            SigningAlgorithm::Es256k => Self::generate_ec(EcCurve::Secp256k1),
            SigningAlgorithm::Es384 => Self::generate_ec(EcCurve::P384),
            SigningAlgorithm::Es512 => Self::generate_ec(EcCurve::P521),
            SigningAlgorithm::Hs256 => Self::Secret(random_bytes(32)),
            SigningAlgorithm::Ps256
            | SigningAlgorithm::Ps384
            | SigningAlgorithm::Ps512
            | SigningAlgorithm::Rs256
            | SigningAlgorithm::Rs384
            | SigningAlgorithm::Rs512 => Self::generate_rsa(2048),
        }
    }

    #[expect(clippy::expect_used, reason = "a test cannot go on without its key")]
    pub(super) fn generate_rsa(bits: u32) -> Self {
        Self::Rsa(RsaKeyPair::generate(bits).expect("OpenSSL makes RSA keys of this size"))
    }

    pub(super) fn public_jwk(&self) -> Map<String, Value> {
        match self.key_pair() {
            Some(pair) => members(pair.to_jwk_public_key()),
            None => Map::from_iter([("kty".to_owned(), "oct".into())]),
        }
    }

    pub(super) fn private_jwk(&self) -> Map<String, Value> {
        match self {
            Self::Ec(pair) => members(pair.to_jwk_key_pair()),
            Self::Ed(pair) => members(pair.to_jwk_key_pair()),
            Self::Rsa(pair) => members(pair.to_jwk_key_pair()),
            Self::Secret(secret) => {
                let mut jwk = self.public_jwk();
                jwk.insert("k".to_owned(), URL_SAFE_NO_PAD.encode(secret).into());
                jwk
            }
        }
    }

    #[expect(clippy::expect_used, reason = "documented on `SigningKey::public_pem`")]
    pub(super) fn public_pem(&self) -> String {
        let pair = self.key_pair().expect("a secret has no public half");
        String::from_utf8(pair.to_pem_public_key()).expect("PEM is ASCII")
    }

    /// What a message calls this key.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Ec(pair) => format!("a {} key", pair.curve()),
            Self::Ed(pair) => format!("an {} key", pair.curve()),
            Self::Rsa(_) => "an RSA key".to_owned(),
            Self::Secret(_) => "a secret".to_owned(),
        }
    }

    #[expect(clippy::expect_used, reason = "documented on `SigningKey::generate`")]
    fn generate_ec(curve: EcCurve) -> Self {
        Self::Ec(EcKeyPair::generate(curve).expect("OpenSSL knows the curve"))
    }

    #[expect(clippy::expect_used, reason = "documented on `SigningKey::generate`")]
    fn generate_ed(curve: EdCurve) -> Self {
        Self::Ed(EdKeyPair::generate(curve).expect("OpenSSL knows the curve"))
    }

    fn key_pair(&self) -> Option<&dyn KeyPair> {
        match self {
            Self::Ec(pair) => Some(pair),
            Self::Ed(pair) => Some(pair),
            Self::Rsa(pair) => Some(pair),
            Self::Secret(_) => None,
        }
    }
}

fn members(jwk: Jwk) -> Map<String, Value> {
    jwk.into()
}
