//! A SHA-256 thumbprint, as the members of `cnf` have it (RFC 9449, section 6.1; RFC 8705, section 3.1).

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::signature::digest::Octets;

/// The SHA-256 thumbprint of a key (RFC 7638) or a certificate.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(crate) struct Thumbprint {
    octets: Octets,
    text: [u8; 43],
}

impl Thumbprint {
    pub(crate) fn of(octets: Octets) -> Self {
        let mut text = [0; 43];
        // Thirty-two octets are forty-three characters without padding.
        let _ = URL_SAFE_NO_PAD.encode_slice(octets, &mut text);
        Self { octets, text }
    }

    pub(crate) fn octets(&self) -> &Octets {
        &self.octets
    }

    /// In base64url without padding.
    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.text).unwrap_or_default()
    }
}

impl fmt::Debug for Thumbprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
