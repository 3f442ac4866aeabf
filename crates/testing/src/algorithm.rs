//! The algorithms a test can sign with.

use std::fmt;
use std::fmt::Display;
use std::fmt::Formatter;

/// A signature algorithm of JOSE, with the curve where its name leaves that open.
///
/// ```
/// use claviger_testing::SigningAlgorithm;
///
/// assert_eq!(SigningAlgorithm::Es256k.name(), "ES256K");
/// assert_eq!(SigningAlgorithm::Ed448.name(), "EdDSA");
/// assert_eq!(SigningAlgorithm::Ed448.specified_name(), "Ed448");
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum SigningAlgorithm {
    /// EdDSA over edwards25519 (RFC 8037).
    Ed25519,
    /// EdDSA over edwards448 (RFC 8037).
    Ed448,
    /// ECDSA with P-256 and SHA-256.
    Es256,
    /// ECDSA with secp256k1 and SHA-256 (RFC 8812).
    Es256k,
    /// ECDSA with P-384 and SHA-384.
    Es384,
    /// ECDSA with P-521 and SHA-512.
    Es512,
    /// HMAC with SHA-256: symmetric, for tests that it is refused.
    Hs256,
    /// RSASSA-PSS with SHA-256.
    Ps256,
    /// RSASSA-PSS with SHA-384.
    Ps384,
    /// RSASSA-PSS with SHA-512.
    Ps512,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    Rs384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    Rs512,
}

impl SigningAlgorithm {
    /// Every algorithm that has a public key: all but [`Hs256`](Self::Hs256).
    pub const ASYMMETRIC: &'static [Self] = &[
        Self::Ed25519,
        Self::Ed448,
        Self::Es256,
        Self::Es256k,
        Self::Es384,
        Self::Es512,
        Self::Ps256,
        Self::Ps384,
        Self::Ps512,
        Self::Rs256,
        Self::Rs384,
        Self::Rs512,
    ];

    /// The usual value of the `alg` header parameter: `EdDSA` for both Edwards curves.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ed25519 | Self::Ed448 => "EdDSA",
            Self::Es256 => "ES256",
            Self::Es256k => "ES256K",
            Self::Es384 => "ES384",
            Self::Es512 => "ES512",
            Self::Hs256 => "HS256",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
        }
    }

    /// The fully specified name (RFC 9864): `Ed25519` and `Ed448`, otherwise [`name`](Self::name).
    #[must_use]
    #[expect(clippy::wildcard_enum_match_arm, reason = "only two names were ever ambiguous")]
    pub fn specified_name(self) -> &'static str {
        match self {
            Self::Ed25519 => "Ed25519",
            Self::Ed448 => "Ed448",
            other => other.name(),
        }
    }
}

impl Display for SigningAlgorithm {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.specified_name())
    }
}
