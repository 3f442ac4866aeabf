//! Digests, authentication codes, random octets, and comparing them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

#[cfg(feature = "aws-lc")]
mod backend {
    use aws_lc_rs::constant_time;
    use aws_lc_rs::digest;
    use aws_lc_rs::hmac;
    use aws_lc_rs::rand;

    use super::Octets;

    pub(crate) fn sha256(parts: &[&[u8]]) -> Octets {
        let mut context = digest::Context::new(&digest::SHA256);
        parts.iter().for_each(|part| context.update(part));
        octets(context.finish().as_ref())
    }

    pub(crate) fn hmac_sha256(secret: &[u8], parts: &[&[u8]]) -> Option<Octets> {
        let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, secret));
        parts.iter().for_each(|part| context.update(part));
        Some(octets(context.sign().as_ref()))
    }

    pub(crate) fn random_octets() -> Option<Octets> {
        let mut random = Octets::default();
        rand::fill(&mut random).ok().map(|()| random)
    }

    pub(crate) fn are_equal(one: &Octets, other: &Octets) -> bool {
        constant_time::verify_slices_are_equal(one, other).is_ok()
    }

    fn octets(output: &[u8]) -> Octets {
        let mut octets = Octets::default();
        octets.copy_from_slice(output);
        octets
    }
}

#[cfg(not(feature = "aws-lc"))]
mod backend {
    use openssl::hash::MessageDigest;
    use openssl::memcmp;
    use openssl::pkey::PKey;
    use openssl::rand;
    use openssl::sha::Sha256;
    use openssl::sign::Signer;

    use super::Octets;

    pub(crate) fn sha256(parts: &[&[u8]]) -> Octets {
        let mut context = Sha256::new();
        parts.iter().for_each(|part| context.update(part));
        context.finish()
    }

    pub(crate) fn hmac_sha256(secret: &[u8], parts: &[&[u8]]) -> Option<Octets> {
        let key = PKey::hmac(secret).ok()?;
        let mut signer = Signer::new(MessageDigest::sha256(), &key).ok()?;
        for part in parts {
            signer.update(part).ok()?;
        }
        signer.sign_to_vec().ok()?.try_into().ok()
    }

    pub(crate) fn random_octets() -> Option<Octets> {
        let mut random = Octets::default();
        rand::rand_bytes(&mut random).ok().map(|()| random)
    }

    pub(crate) fn are_equal(one: &Octets, other: &Octets) -> bool {
        memcmp::eq(one, other)
    }
}

/// As many as SHA-256 gives.
pub(crate) type Octets = [u8; 32];

/// In constant time.
pub(crate) use backend::are_equal;
/// `None` where the backend fails, which is not the client's fault.
pub(crate) use backend::hmac_sha256;
/// `None` where the machine has no randomness.
pub(crate) use backend::random_octets;
pub(crate) use backend::sha256;

/// Whether `text` is these octets in base64url without padding.
pub(crate) fn is_written_as(octets: &Octets, text: &str) -> bool {
    let mut written = Octets::default();
    let is_whole = text.len() == CHARACTERS && URL_SAFE_NO_PAD.decode_slice(text, &mut written).is_ok();
    is_whole && are_equal(octets, &written)
}

/// Of thirty-two octets in base64url without padding.
const CHARACTERS: usize = 43;

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(octets: &Octets) -> String {
        octets.iter().map(|octet| format!("{octet:02x}")).collect()
    }

    /// FIPS 180-4, the example "abc".
    #[test]
    fn the_digest_is_sha_256_over_all_parts() {
        let digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hex(&sha256(&[b"abc"])), digest);
        assert_eq!(hex(&sha256(&[b"a", b"", b"bc"])), digest);
    }

    /// RFC 4231, section 4.3.
    #[test]
    fn the_authentication_code_is_hmac_sha_256_over_all_parts() {
        let code = hmac_sha256(b"Jefe", &[b"what do ya want ", b"for nothing?"]).unwrap();
        assert_eq!(hex(&code), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }

    #[test]
    fn octets_are_compared_whole_and_random_ones_differ() {
        let one = random_octets().unwrap();
        assert!(are_equal(&one, &one.clone()));
        assert!(!are_equal(&one, &random_octets().unwrap()));
    }

    /// RFC 9449, section 7.1: the `ath` of its token.
    #[test]
    fn octets_are_written_in_one_way() {
        let octets = sha256(&[b"Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"]);
        assert!(is_written_as(&octets, "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo"));
        for other in ["", "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo=", "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEp"]
        {
            assert!(!is_written_as(&octets, other), "{other}");
        }
    }
}
