//! Signing: josekit's signers, and OpenSSL where josekit refuses a key on purpose.

use josekit::JoseError;
use josekit::jwk::KeyPair;
use josekit::jwk::alg::rsa::RsaKeyPair;
use josekit::jws;
use josekit::jws::JwsSigner;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::pkey::Private;
use openssl::rsa::Padding;
use openssl::sign::RsaPssSaltlen;

use super::material::Material;
use crate::SigningAlgorithm;

/// A key ready to sign with one algorithm.
pub(super) enum Signer {
    Jose(Box<dyn JwsSigner>),
    WeakRsa(WeakRsa),
}

impl Signer {
    #[expect(clippy::expect_used, reason = "documented on the constructors of `SigningKey`")]
    pub(super) fn new(material: &Material, algorithm: SigningAlgorithm) -> Self {
        if let Material::Rsa(pair) = material
            && pair.key_len() * 8 < SMALLEST_OF_JOSEKIT
            && let Some((digest, padding)) = rsa_parameters(algorithm)
        {
            return Self::WeakRsa(WeakRsa::new(pair, digest, padding));
        }
        let signer = match jose_signer(material, algorithm) {
            Some(signer) => signer.expect("the key suits the algorithm"),
            None => panic!("{} cannot sign with {algorithm}", material.describe()),
        };
        Self::Jose(signer)
    }

    #[expect(clippy::expect_used, reason = "documented on `SigningKey::sign`")]
    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Jose(signer) => signer.sign(message).expect("a sound key signs"),
            Self::WeakRsa(signer) => signer.sign(message).expect("the key is long enough for its algorithm"),
        }
    }
}

type Built = Result<Box<dyn JwsSigner>, JoseError>;

fn jose_signer(material: &Material, algorithm: SigningAlgorithm) -> Option<Built> {
    match material {
        Material::Ec(pair) => ec_signer(pair.curve().name(), &pair.to_der_private_key(), algorithm),
        Material::Ed(pair) => (pair.curve().name() == algorithm.specified_name())
            .then(|| boxed(jws::EdDSA.signer_from_der(pair.to_der_private_key()))),
        Material::Rsa(pair) => rsa_signer(&pair.to_der_private_key(), algorithm),
        Material::Secret(secret) => {
            (algorithm == SigningAlgorithm::Hs256).then(|| boxed(jws::HS256.signer_from_bytes(secret)))
        }
    }
}

fn ec_signer(curve: &str, der: &[u8], algorithm: SigningAlgorithm) -> Option<Built> {
    let scheme = match (algorithm, curve) {
        (SigningAlgorithm::Es256, "P-256") => jws::ES256,
        (SigningAlgorithm::Es256k, "secp256k1") => jws::ES256K,
        (SigningAlgorithm::Es384, "P-384") => jws::ES384,
        (SigningAlgorithm::Es512, "P-521") => jws::ES512,
        _ => return None,
    };
    Some(boxed(scheme.signer_from_der(der)))
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the RSA families are six, the rest is refused")]
fn rsa_signer(der: &[u8], algorithm: SigningAlgorithm) -> Option<Built> {
    match algorithm {
        SigningAlgorithm::Ps256 => Some(boxed(jws::PS256.signer_from_der(der))),
        SigningAlgorithm::Ps384 => Some(boxed(jws::PS384.signer_from_der(der))),
        SigningAlgorithm::Ps512 => Some(boxed(jws::PS512.signer_from_der(der))),
        SigningAlgorithm::Rs256 => Some(boxed(jws::RS256.signer_from_der(der))),
        SigningAlgorithm::Rs384 => Some(boxed(jws::RS384.signer_from_der(der))),
        SigningAlgorithm::Rs512 => Some(boxed(jws::RS512.signer_from_der(der))),
        _ => None,
    }
}

fn boxed(signer: Result<impl JwsSigner + 'static, JoseError>) -> Built {
    signer.map(|signer| Box::new(signer) as Box<dyn JwsSigner>)
}

/// RSA keys that no one should sign with: josekit does not, so OpenSSL is called directly.
pub(super) struct WeakRsa {
    key: PKey<Private>,
    digest: MessageDigest,
    padding: Padding,
}

impl WeakRsa {
    #[expect(clippy::expect_used, reason = "OpenSSL made this key itself")]
    fn new(pair: &RsaKeyPair, digest: MessageDigest, padding: Padding) -> Self {
        let key = PKey::private_key_from_der(&pair.to_der_private_key()).expect("a key pair is valid DER");
        Self { key, digest, padding }
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, ErrorStack> {
        let mut signer = openssl::sign::Signer::new(self.digest, &self.key)?;
        signer.set_rsa_padding(self.padding)?;
        if self.padding == Padding::PKCS1_PSS {
            signer.set_rsa_mgf1_md(self.digest)?;
            signer.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH)?;
        }
        signer.sign_oneshot_to_vec(message)
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the RSA families are six, the rest is refused")]
fn rsa_parameters(algorithm: SigningAlgorithm) -> Option<(MessageDigest, Padding)> {
    match algorithm {
        SigningAlgorithm::Ps256 => Some((MessageDigest::sha256(), Padding::PKCS1_PSS)),
        SigningAlgorithm::Ps384 => Some((MessageDigest::sha384(), Padding::PKCS1_PSS)),
        SigningAlgorithm::Ps512 => Some((MessageDigest::sha512(), Padding::PKCS1_PSS)),
        SigningAlgorithm::Rs256 => Some((MessageDigest::sha256(), Padding::PKCS1)),
        SigningAlgorithm::Rs384 => Some((MessageDigest::sha384(), Padding::PKCS1)),
        SigningAlgorithm::Rs512 => Some((MessageDigest::sha512(), Padding::PKCS1)),
        _ => None,
    }
}

/// The RSA modulus, in bits, under which josekit refuses to sign.
const SMALLEST_OF_JOSEKIT: u32 = 2048;
