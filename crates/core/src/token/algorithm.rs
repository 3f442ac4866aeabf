//! The closed list of signature algorithms.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// A signature algorithm of RFC 7518, RFC 8037, RFC 8812 or RFC 9864.
///
/// `none` and the symmetric algorithms cannot be expressed, so they can neither be configured nor asked for by a token.
/// `EdDSA` and `Ed25519` name one algorithm; Ed448 is spelled `Ed448` alone.
///
/// ```
/// use claviger_core::Algorithm;
///
/// assert_eq!("EdDSA".parse(), Ok(Algorithm::Ed25519));
/// assert_eq!("Ed25519".parse(), Ok(Algorithm::Ed25519));
/// assert!("HS256".parse::<Algorithm>().is_err());
/// assert!("rs256".parse::<Algorithm>().is_err());
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    Rs384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    Rs512,
    /// RSASSA-PSS with SHA-256.
    Ps256,
    /// RSASSA-PSS with SHA-384.
    Ps384,
    /// RSASSA-PSS with SHA-512.
    Ps512,
    /// ECDSA over P-256 with SHA-256.
    Es256,
    /// ECDSA over P-384 with SHA-384.
    Es384,
    /// ECDSA over P-521 with SHA-512.
    Es512,
    /// ECDSA over secp256k1 with SHA-256.
    Es256k,
    /// EdDSA over edwards25519, also spelled `EdDSA`.
    Ed25519,
    /// EdDSA over edwards448.
    Ed448,
}

impl Algorithm {
    /// Every algorithm that is implemented.
    pub const ALL: &'static [Self] = &[
        Self::Rs256,
        Self::Rs384,
        Self::Rs512,
        Self::Ps256,
        Self::Ps384,
        Self::Ps512,
        Self::Es256,
        Self::Es384,
        Self::Es512,
        Self::Es256k,
        Self::Ed25519,
        Self::Ed448,
    ];

    /// What an issuer may use unless it is configured: RS256, PS256, ES256 and Ed25519.
    pub const DEFAULT: &'static [Self] = &[Self::Rs256, Self::Ps256, Self::Es256, Self::Ed25519];

    /// The name of the IANA registry, fully specified (RFC 9864).
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Es512 => "ES512",
            Self::Es256k => "ES256K",
            Self::Ed25519 => "Ed25519",
            Self::Ed448 => "Ed448",
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Algorithm {
    type Err = UnknownAlgorithm;

    fn from_str(name: &str) -> Result<Self, UnknownAlgorithm> {
        if name == "EdDSA" {
            return Ok(Self::Ed25519);
        }
        Self::ALL.iter().copied().find(|algorithm| algorithm.as_str() == name).ok_or(UnknownAlgorithm)
    }
}

/// The name is not that of an asymmetric signature algorithm which is implemented.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("is none of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, ES256K, EdDSA, Ed25519, Ed448")]
#[non_exhaustive]
pub struct UnknownAlgorithm;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_read_back() {
        for algorithm in Algorithm::ALL {
            assert_eq!(algorithm.as_str().parse(), Ok(*algorithm));
        }
    }

    #[test]
    fn unsecured_symmetric_and_cose_names_are_unknown() {
        for name in ["none", "None", "NONE", "nOnE", " none", "", "HS256", "HS384", "HS512", "Rs256", "ESP256", "RS1"] {
            assert_eq!(name.parse::<Algorithm>(), Err(UnknownAlgorithm), "{name:?}");
        }
    }
}
