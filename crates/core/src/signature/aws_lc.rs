//! Verification with AWS-LC's parsed keys.

use aws_lc_rs::signature;
use aws_lc_rs::signature::ParsedPublicKey;
use aws_lc_rs::signature::RsaParameters;
use aws_lc_rs::signature::RsaPublicKeyComponents;
use aws_lc_rs::signature::VerificationAlgorithm;

use crate::signature::Material;
use crate::token::Algorithm;

#[derive(Debug)]
pub(super) struct Key(ParsedPublicKey);

impl Key {
    /// `None` for Ed448, which AWS-LC has not, and for whatever AWS-LC does not take.
    pub(super) fn new(algorithm: Algorithm, material: &Material) -> Option<Self> {
        let parsed = match material {
            Material::Rsa { n, e } => {
                RsaPublicKeyComponents { n, e }.to_parsed_public_key(rsa_parameters(algorithm)?).ok()
            }
            Material::Ec { x, y, .. } => {
                let point = [&[UNCOMPRESSED_POINT], x.as_slice(), y.as_slice()].concat();
                ParsedPublicKey::new(curve_algorithm(algorithm)?, point).ok()
            }
            Material::Okp { x, .. } => ParsedPublicKey::new(curve_algorithm(algorithm)?, x).ok(),
        };
        parsed.map(Self)
    }

    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.0.verify_sig(message, signature).is_ok()
    }
}

fn rsa_parameters(algorithm: Algorithm) -> Option<&'static RsaParameters> {
    match algorithm {
        Algorithm::Rs256 => Some(&signature::RSA_PKCS1_2048_8192_SHA256),
        Algorithm::Rs384 => Some(&signature::RSA_PKCS1_2048_8192_SHA384),
        Algorithm::Rs512 => Some(&signature::RSA_PKCS1_2048_8192_SHA512),
        Algorithm::Ps256 => Some(&signature::RSA_PSS_2048_8192_SHA256),
        Algorithm::Ps384 => Some(&signature::RSA_PSS_2048_8192_SHA384),
        Algorithm::Ps512 => Some(&signature::RSA_PSS_2048_8192_SHA512),
        Algorithm::Es256
        | Algorithm::Es384
        | Algorithm::Es512
        | Algorithm::Es256k
        | Algorithm::Ed25519
        | Algorithm::Ed448 => None,
    }
}

fn curve_algorithm(algorithm: Algorithm) -> Option<&'static dyn VerificationAlgorithm> {
    match algorithm {
        Algorithm::Es256 => Some(&signature::ECDSA_P256_SHA256_FIXED),
        Algorithm::Es384 => Some(&signature::ECDSA_P384_SHA384_FIXED),
        Algorithm::Es512 => Some(&signature::ECDSA_P521_SHA512_FIXED),
        Algorithm::Es256k => Some(&signature::ECDSA_P256K1_SHA256_FIXED),
        Algorithm::Ed25519 => Some(&signature::ED25519),
        Algorithm::Ed448
        | Algorithm::Rs256
        | Algorithm::Rs384
        | Algorithm::Rs512
        | Algorithm::Ps256
        | Algorithm::Ps384
        | Algorithm::Ps512 => None,
    }
}

/// SEC 1, section 2.3.3.
const UNCOMPRESSED_POINT: u8 = 4;
