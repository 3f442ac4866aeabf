//! The thumbprint of a key (RFC 7638), which josekit has not.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::signature::Material;
use crate::signature::digest::Octets;
use crate::signature::digest::sha256;

impl Material {
    /// SHA-256 over the required members in lexicographic order (RFC 7638, section 3; RFC 8037, section 2).
    pub(crate) fn thumbprint(&self) -> Octets {
        let mut json = Members::for_octets(self.octets());
        match self {
            Self::Rsa { n, e } => json.octets("e", e).text("kty", "RSA").octets("n", n),
            Self::Ec { curve, x, y } => {
                json.text("crv", curve.as_str()).text("kty", "EC").octets("x", x).octets("y", y)
            }
            Self::Okp { curve, x } => json.text("crv", curve.as_str()).text("kty", "OKP").octets("x", x),
        };
        sha256(&[b"{", json.0.as_bytes(), b"}"])
    }

    fn octets(&self) -> usize {
        match self {
            Self::Rsa { n, e } => n.len() + e.len(),
            Self::Ec { x, y, .. } => x.len() + y.len(),
            Self::Okp { x, .. } => x.len(),
        }
    }
}

/// The inside of a JSON object, without white space.
struct Members(String);

impl Members {
    /// With room for so many octets in base64url, and for what stands around them.
    fn for_octets(octets: usize) -> Self {
        Self(String::with_capacity(octets * 4 / 3 + 64))
    }

    fn text(&mut self, name: &str, value: &str) -> &mut Self {
        self.begin(name);
        self.0.push_str(value);
        self.end()
    }

    fn octets(&mut self, name: &str, value: &[u8]) -> &mut Self {
        self.begin(name);
        URL_SAFE_NO_PAD.encode_string(value, &mut self.0);
        self.end()
    }

    fn begin(&mut self, name: &str) {
        self.0.push_str(if self.0.is_empty() { "\"" } else { ",\"" });
        self.0.push_str(name);
        self.0.push_str("\":\"");
    }

    fn end(&mut self) -> &mut Self {
        self.0.push('"');
        self
    }
}
