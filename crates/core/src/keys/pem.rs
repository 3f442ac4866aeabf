//! A public key in PEM (RFC 7468): SubjectPublicKeyInfo, PKCS #1, or a certificate.

use openssl::bn::BigNumContext;
use openssl::error::ErrorStack;
use openssl::nid::Nid;
use openssl::pkey::Id;
use openssl::pkey::PKey;
use openssl::pkey::Public;
use openssl::rsa::Rsa;
use openssl::x509::X509;

use crate::signature::Curve;
use crate::signature::Material;
use crate::signature::first_key;

/// Reads the first public key of `pem`.
///
/// # Errors
///
/// What is wrong with it.
pub(crate) fn read(pem: &str) -> Result<Material, &'static str> {
    if pem.contains("PRIVATE KEY-----") {
        return Err("is a private key; a verifier needs the public one");
    }
    first_key::is_read();
    let key = parse(pem.as_bytes()).map_err(|_| "is no PEM of a public key or certificate")?;
    material(&key).map_err(|_| "cannot be read by OpenSSL")?.ok_or("is a key of a type that is not supported")
}

fn parse(pem: &[u8]) -> Result<PKey<Public>, ErrorStack> {
    PKey::public_key_from_pem(pem)
        .or_else(|_| Rsa::public_key_from_pem_pkcs1(pem).and_then(PKey::from_rsa))
        .or_else(|_| X509::from_pem(pem).and_then(|certificate| certificate.public_key()))
}

fn material(key: &PKey<Public>) -> Result<Option<Material>, ErrorStack> {
    Ok(match key.id() {
        Id::RSA => {
            let rsa = key.rsa()?;
            Some(Material::Rsa { n: rsa.n().to_vec(), e: rsa.e().to_vec() })
        }
        Id::EC => ec_material(key)?,
        Id::ED25519 => Some(Material::Okp { curve: Curve::Ed25519, x: key.raw_public_key()? }),
        Id::ED448 => Some(Material::Okp { curve: Curve::Ed448, x: key.raw_public_key()? }),
        _ => None,
    })
}

fn ec_material(key: &PKey<Public>) -> Result<Option<Material>, ErrorStack> {
    let key = key.ec_key()?;
    let curve = match key.group().curve_name() {
        Some(Nid::X9_62_PRIME256V1) => Curve::P256,
        Some(Nid::SECP384R1) => Curve::P384,
        Some(Nid::SECP521R1) => Curve::P521,
        Some(Nid::SECP256K1) => Curve::Secp256k1,
        _ => return Ok(None),
    };
    let mut context = BigNumContext::new()?;
    let form = openssl::ec::PointConversionForm::UNCOMPRESSED;
    let point = key.public_key().to_bytes(key.group(), form, &mut context)?;
    let (x, y) = point.get(1..).unwrap_or_default().split_at(curve.coordinate_len());
    Ok(Some(Material::Ec { curve, x: x.to_vec(), y: y.to_vec() }))
}

#[cfg(test)]
mod tests {
    use openssl::rsa::Rsa;

    use super::*;

    #[test]
    fn public_keys_are_read_and_private_ones_refused() {
        let rsa = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
        let text = |pem: Vec<u8>| String::from_utf8(pem).unwrap();
        assert!(matches!(read(&text(rsa.public_key_to_pem().unwrap())), Ok(Material::Rsa { .. })));
        assert!(matches!(read(&text(rsa.rsa().unwrap().public_key_to_pem_pkcs1().unwrap())), Ok(Material::Rsa { .. })));
        assert!(read(&text(rsa.private_key_to_pem_pkcs8().unwrap())).unwrap_err().contains("private"));
        assert!(read("junk").is_err());
        let ed = PKey::generate_ed448().unwrap();
        assert!(matches!(read(&text(ed.public_key_to_pem().unwrap())), Ok(Material::Okp { curve: Curve::Ed448, .. })));
    }
}
