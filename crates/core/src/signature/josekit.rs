//! Verification with josekit, over OpenSSL.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use josekit::JoseError;
use josekit::jwk::Jwk;
use josekit::jws;
use josekit::jws::JwsVerifier;
use serde_json::Value;

use crate::signature::Material;
use crate::signature::first_key;
use crate::token::Algorithm;

#[derive(Debug)]
pub(super) struct Key(Box<dyn JwsVerifier>);

impl Key {
    /// `None` for whatever josekit or OpenSSL does not take.
    pub(super) fn new(algorithm: Algorithm, material: &Material) -> Option<Self> {
        if !material.algorithms().contains(&algorithm) {
            return None;
        }
        first_key::is_read();
        let jwk = jwk(material).ok()?;
        verifier(algorithm, &jwk).ok().map(Self)
    }

    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.0.verify(message, signature).is_ok()
    }
}

/// A JWK with nothing but the key in it: what it is for was judged before.
fn jwk(material: &Material) -> Result<Jwk, JoseError> {
    let mut jwk = Jwk::new(material.key_type());
    let mut set = |name: &str, value: &str| jwk.set_parameter(name, Some(Value::from(value)));
    match material {
        Material::Rsa { n, e } => {
            set("n", &URL_SAFE_NO_PAD.encode(n))?;
            set("e", &URL_SAFE_NO_PAD.encode(e))?;
        }
        Material::Ec { curve, x, y } => {
            set("crv", curve.as_str())?;
            set("x", &URL_SAFE_NO_PAD.encode(x))?;
            set("y", &URL_SAFE_NO_PAD.encode(y))?;
        }
        Material::Okp { curve, x } => {
            set("crv", curve.as_str())?;
            set("x", &URL_SAFE_NO_PAD.encode(x))?;
        }
    }
    Ok(jwk)
}

fn verifier(algorithm: Algorithm, jwk: &Jwk) -> Result<Box<dyn JwsVerifier>, JoseError> {
    Ok(match algorithm {
        Algorithm::Rs256 => Box::new(jws::RS256.verifier_from_jwk(jwk)?),
        Algorithm::Rs384 => Box::new(jws::RS384.verifier_from_jwk(jwk)?),
        Algorithm::Rs512 => Box::new(jws::RS512.verifier_from_jwk(jwk)?),
        Algorithm::Ps256 => Box::new(jws::PS256.verifier_from_jwk(jwk)?),
        Algorithm::Ps384 => Box::new(jws::PS384.verifier_from_jwk(jwk)?),
        Algorithm::Ps512 => Box::new(jws::PS512.verifier_from_jwk(jwk)?),
        Algorithm::Es256 => Box::new(jws::ES256.verifier_from_jwk(jwk)?),
        Algorithm::Es384 => Box::new(jws::ES384.verifier_from_jwk(jwk)?),
        Algorithm::Es512 => Box::new(jws::ES512.verifier_from_jwk(jwk)?),
        Algorithm::Es256k => Box::new(jws::ES256K.verifier_from_jwk(jwk)?),
        Algorithm::Ed25519 | Algorithm::Ed448 => Box::new(jws::EdDSA.verifier_from_jwk(jwk)?),
    })
}
