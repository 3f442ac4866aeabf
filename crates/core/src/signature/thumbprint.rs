//! The thumbprint of a key (RFC 7638), which josekit has not.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::signature::Material;

impl Material {
    /// SHA-256 over the required members in lexicographic order, base64url (RFC 7638, section 3; RFC 8037, section 2).
    pub(crate) fn thumbprint(&self) -> String {
        let b64 = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let members = match self {
            Self::Rsa { n, e } => format!(r#"{{"e":"{}","kty":"RSA","n":"{}"}}"#, b64(e), b64(n)),
            Self::Ec { curve, x, y } => {
                format!(r#"{{"crv":"{}","kty":"EC","x":"{}","y":"{}"}}"#, curve.as_str(), b64(x), b64(y))
            }
            Self::Okp { curve, x } => format!(r#"{{"crv":"{}","kty":"OKP","x":"{}"}}"#, curve.as_str(), b64(x)),
        };
        URL_SAFE_NO_PAD.encode(sha256(members.as_bytes()))
    }
}

#[cfg(feature = "aws-lc")]
fn sha256(bytes: &[u8]) -> impl AsRef<[u8]> {
    aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes)
}

#[cfg(not(feature = "aws-lc"))]
fn sha256(bytes: &[u8]) -> impl AsRef<[u8]> {
    openssl::sha::sha256(bytes)
}
