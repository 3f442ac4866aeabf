//! The numbers of a public key, in the one form that the backends get.

use crate::token::Algorithm;

/// An elliptic curve of RFC 7518, RFC 8037 or RFC 8812.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Curve {
    P256,
    P384,
    P521,
    Secp256k1,
    Ed25519,
    Ed448,
}

impl Curve {
    /// `crv` of a JWK.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
            Self::Secp256k1 => "secp256k1",
            Self::Ed25519 => "Ed25519",
            Self::Ed448 => "Ed448",
        }
    }

    /// Octets of a coordinate.
    pub(crate) const fn coordinate_len(self) -> usize {
        match self {
            Self::P256 | Self::Secp256k1 | Self::Ed25519 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
            Self::Ed448 => 57,
        }
    }
}

/// The numbers of a public key: big-endian, RSA without leading zeros, coordinates at the full length of their curve.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Material {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    Ec { curve: Curve, x: Vec<u8>, y: Vec<u8> },
    Okp { curve: Curve, x: Vec<u8> },
}

impl Material {
    /// `kty` of a JWK.
    pub(crate) const fn key_type(&self) -> &'static str {
        match self {
            Self::Rsa { .. } => "RSA",
            Self::Ec { .. } => "EC",
            Self::Okp { .. } => "OKP",
        }
    }

    /// The algorithms that keys of this type and curve are for (RFC 7518, section 3.1; RFC 9864).
    pub(crate) const fn algorithms(&self) -> &'static [Algorithm] {
        match self {
            Self::Rsa { .. } => &[
                Algorithm::Rs256,
                Algorithm::Rs384,
                Algorithm::Rs512,
                Algorithm::Ps256,
                Algorithm::Ps384,
                Algorithm::Ps512,
            ],
            Self::Ec { curve, .. } | Self::Okp { curve, .. } => match curve {
                Curve::P256 => &[Algorithm::Es256],
                Curve::P384 => &[Algorithm::Es384],
                Curve::P521 => &[Algorithm::Es512],
                Curve::Secp256k1 => &[Algorithm::Es256k],
                Curve::Ed25519 => &[Algorithm::Ed25519],
                Curve::Ed448 => &[Algorithm::Ed448],
            },
        }
    }
}
