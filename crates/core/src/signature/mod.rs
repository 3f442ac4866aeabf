//! The whole seam to the cryptographic backends: verify a signature, digest, authenticate, have random octets.
//!
//! With the feature `aws-lc`, AWS-LC verifies everything but Ed448; josekit, over OpenSSL, verifies Ed448, and
//! everything without that feature. Both are held to the same vectors.

#[cfg(feature = "aws-lc")]
mod aws_lc;
pub(crate) mod digest;
pub(crate) mod first_key;
mod josekit;
mod material;
mod shared_key;
mod thumbprint;

pub(crate) use material::Curve;
pub(crate) use material::Material;
pub(crate) use shared_key::SharedKey;

use crate::token::Algorithm;

/// A public key, parsed for one algorithm.
#[derive(Debug)]
pub(crate) struct VerifyingKey(Backend);

#[derive(Debug)]
enum Backend {
    #[cfg(feature = "aws-lc")]
    AwsLc(aws_lc::Key),
    Josekit(josekit::Key),
}

impl VerifyingKey {
    /// `None` if the material does not belong to the algorithm, or is no sound public key.
    pub(crate) fn new(algorithm: Algorithm, material: &Material) -> Option<Self> {
        #[cfg(feature = "aws-lc")]
        if let Some(key) = aws_lc::Key::new(algorithm, material) {
            return Some(Self(Backend::AwsLc(key)));
        }
        #[cfg(feature = "aws-lc")]
        if algorithm != Algorithm::Ed448 {
            return None;
        }
        Self::with_josekit(algorithm, material)
    }

    /// The same by josekit, whatever the features.
    pub(crate) fn with_josekit(algorithm: Algorithm, material: &Material) -> Option<Self> {
        josekit::Key::new(algorithm, material).map(|key| Self(Backend::Josekit(key)))
    }

    /// Whether `signature` is this key's over `message`.
    #[must_use]
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.0 {
            #[cfg(feature = "aws-lc")]
            Backend::AwsLc(key) => key.verifies(message, signature),
            Backend::Josekit(key) => key.verifies(message, signature),
        }
    }
}
