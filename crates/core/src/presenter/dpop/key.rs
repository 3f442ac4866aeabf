//! The key of a proof, which anybody may have made (RFC 9449, section 4.3, checks 6 and 7).

use crate::keys::strength;
use crate::signature::Curve;
use crate::signature::Material;
use crate::signature::VerifyingKey;
use crate::token::Algorithm;
use crate::token::base64url;
use crate::token::json;

/// The key of one proof.
#[derive(Debug)]
pub(super) struct ProofKey {
    pub(super) material: Material,
    pub(super) verifying: VerifyingKey,
}

/// Reads the JWK of a proof's header: public, for this algorithm, and strong enough.
///
/// Stricter than keys of issuers are read: a client writes its own key anew for each proof, so there is nothing to
/// tolerate, and each key has one form alone.
///
/// # Errors
///
/// What is wrong, in words.
pub(super) fn read(jwk: &str, algorithm: Algorithm) -> Result<ProofKey, &'static str> {
    let mut members = Members::default();
    json::object(jwk, |name, raw| members.take(name, raw, algorithm)).map_err(|_| "its `jwk` is no JSON object")?;
    if let Some(fault) = members.fault {
        return Err(fault);
    }
    let material = members.material().ok_or("its `jwk` is no public key of a known type")?;
    if !material.algorithms().contains(&algorithm) {
        return Err("its `jwk` is of another type than its `alg`");
    }
    strength::check(&material).map_err(|_| UNSOUND)?;
    let verifying = VerifyingKey::new(algorithm, &material).ok_or(UNSOUND)?;
    Ok(ProofKey { material, verifying })
}

#[derive(Default)]
struct Members<'a> {
    key_type: Option<&'a str>,
    curve: Option<&'a str>,
    x: Option<&'a str>,
    y: Option<&'a str>,
    n: Option<&'a str>,
    e: Option<&'a str>,
    fault: Option<&'static str>,
}

impl<'a> Members<'a> {
    fn take(&mut self, name: &str, raw: &'a str, algorithm: Algorithm) {
        match name {
            "kty" => self.key_type = plain(raw),
            "crv" => self.curve = plain(raw),
            "x" => self.x = plain(raw),
            "y" => self.y = plain(raw),
            "n" => self.n = plain(raw),
            "e" => self.e = plain(raw),
            "d" | "p" | "q" | "dp" | "dq" | "qi" | "oth" | "k" => {
                self.fault = Some("its `jwk` holds private members, which must be kept secret");
            }
            "use" if plain(raw) != Some("sig") => self.fault = Some(NOT_FOR_PROOFS),
            "key_ops" if !permits_to_verify(raw) => self.fault = Some(NOT_FOR_PROOFS),
            "alg" if json::string(raw).and_then(|name| name.parse().ok()) != Some(algorithm) => {
                self.fault = Some("its `jwk` is for another `alg`");
            }
            _ => {}
        }
    }

    fn material(&self) -> Option<Material> {
        match self.key_type? {
            "EC" => {
                let curve = self.curve(&[Curve::P256, Curve::P384, Curve::P521, Curve::Secp256k1])?;
                Some(Material::Ec { curve, x: coordinate(self.x?, curve)?, y: coordinate(self.y?, curve)? })
            }
            "OKP" => {
                let curve = self.curve(&[Curve::Ed25519, Curve::Ed448])?;
                Some(Material::Okp { curve, x: coordinate(self.x?, curve)? })
            }
            "RSA" => Some(Material::Rsa { n: number(self.n?)?, e: number(self.e?)? }),
            _ => None,
        }
    }

    fn curve(&self, of_type: &[Curve]) -> Option<Curve> {
        let name = self.curve?;
        of_type.iter().copied().find(|curve| curve.as_str() == name)
    }
}

/// A string without escapes: nothing that a key is made of needs one.
fn plain(raw: &str) -> Option<&str> {
    raw.strip_prefix('"')?.strip_suffix('"').filter(|text| !text.contains('\\'))
}

/// RFC 7517, section 4.3.
fn permits_to_verify(raw: &str) -> bool {
    let operations: Vec<String> = serde_json::from_str(raw).unwrap_or_default();
    operations.iter().any(|operation| operation == "verify")
}

/// At its full length (RFC 7518, section 6.2.1.2; RFC 8037, section 2).
fn coordinate(text: &str, curve: Curve) -> Option<Vec<u8>> {
    base64url::decode(text).filter(|octets| octets.len() == curve.coordinate_len())
}

/// In the fewest octets (RFC 7518, section 2, Base64urlUInt).
fn number(text: &str) -> Option<Vec<u8>> {
    base64url::decode(text).filter(|octets| octets.first().is_some_and(|first| *first != 0))
}

const UNSOUND: &str = "its `jwk` is too weak, or no sound key";
const NOT_FOR_PROOFS: &str = "its `jwk` may not be used to verify signatures";

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    /// RFC 9449, section 4.2.
    const X: &str = "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs";
    const Y: &str = "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA";

    fn ec(more: &str) -> Result<(), &'static str> {
        let jwk = format!(r#"{{"kty":"EC","crv":"P-256","x":"{X}","y":"{Y}"{more}}}"#);
        read(&jwk, Algorithm::Es256).map(|_| ())
    }

    #[test]
    fn a_public_key_for_the_algorithm_is_read() {
        for more in [
            "",
            r#","use":"sig""#,
            r#","key_ops":["verify"]"#,
            r#","alg":"ES256","kid":"1","ext":true"#,
            r#","x5c":["junk"]"#,
        ] {
            assert_eq!(ec(more), Ok(()), "{more}");
        }
        let jwk = format!(r#"{{"kty":"EC","crv":"P-256","x":"{X}","y":"{Y}"}}"#);
        assert!(read(&jwk, Algorithm::Es384).is_err());
        assert!(read(&jwk, Algorithm::Rs256).is_err());
    }

    #[test]
    fn private_and_misplaced_keys_are_refused() {
        for more in [
            r#","d":"AA""#,
            r#","d":null"#,
            r#","k":"AA""#,
            r#","use":"enc""#,
            r#","use":null"#,
            r#","key_ops":["sign"]"#,
            r#","key_ops":[]"#,
            r#","key_ops":"verify""#,
            r#","alg":"ES384""#,
            r#","alg":7"#,
        ] {
            assert!(ec(more).is_err(), "{more}");
        }
    }

    #[test]
    fn each_key_has_one_form_alone() {
        let padded = format!("{X}=");
        let zero = URL_SAFE_NO_PAD.encode([&[0][..], &URL_SAFE_NO_PAD.decode(X).unwrap()].concat());
        let standard = "l8tFrhx+34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs";
        let escaped = "\\u006c8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs";
        for x in [padded.as_str(), &zero, standard, escaped, "", Y] {
            let jwk = format!(r#"{{"kty":"EC","crv":"P-256","x":"{x}","y":"{Y}"}}"#);
            assert!(read(&jwk, Algorithm::Es256).is_err(), "{x}");
        }
        // The same octets, cut elsewhere.
        let octets = [X, Y].map(|text| URL_SAFE_NO_PAD.decode(text).unwrap()).concat();
        for cut in [31, 33] {
            let [x, y] = [&octets[..cut], &octets[cut..]].map(|part| URL_SAFE_NO_PAD.encode(part));
            let jwk = format!(r#"{{"kty":"EC","crv":"P-256","x":"{x}","y":"{y}"}}"#);
            assert!(read(&jwk, Algorithm::Es256).is_err(), "{cut}");
        }
        for jwk in [r#"{"kty":"oct","k":"AAAA"}"#, r#"{"kty":"EC"}"#, "{}", "[]", "null", r#""EC""#] {
            assert!(read(jwk, Algorithm::Es256).is_err(), "{jwk}");
        }
    }

    #[test]
    fn rsa_numbers_are_held_to_size_and_to_the_fewest_octets() {
        let rsa = |n: Vec<u8>, e: &str| {
            let jwk = format!(r#"{{"kty":"RSA","n":"{}","e":"{e}"}}"#, URL_SAFE_NO_PAD.encode(n));
            read(&jwk, Algorithm::Rs256).map(|_| ())
        };
        assert!(rsa(vec![0xff; 128], "AQAB").is_err());
        assert!(rsa(vec![0xff; 256], "AQ").is_err());
        assert!(rsa([vec![0], vec![0xff; 256]].concat(), "AQAB").is_err());
        assert!(rsa(vec![0xff; 256], "AAEAAQ").is_err());
        // An exponent of 33 bits, and one of 34; then even, one, and as large as the modulus.
        assert_eq!(rsa(vec![0xff; 256], "AQAAAAE"), Ok(()));
        let large = URL_SAFE_NO_PAD.encode([0xff; 256]);
        for e in ["AgAAAAE", "AQAA", "AQ", large.as_str()] {
            assert!(rsa(vec![0xff; 256], e).is_err(), "{e}");
        }
        assert_eq!(rsa(vec![0xff; 256], "AQAB"), Ok(()));
    }
}
