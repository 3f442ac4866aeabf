//! Keys that the backends parse, and that must not verify anything (RFC 7518, sections 3.3 and 6.3.1; RFC 8725,
//! section 3.4).

use openssl::bn::BigNum;
use openssl::bn::BigNumContext;
use openssl::error::ErrorStack;

use crate::keys::jwk::Unusable;
use crate::signature::Curve;
use crate::signature::Material;

/// # Errors
///
/// Why the key is too weak, or none at all.
pub(crate) fn check(material: &Material) -> Result<(), Unusable> {
    match material {
        Material::Rsa { n, e } => check_rsa(n, e),
        // Whether a point lies on one of these curves is judged by the backend.
        Material::Ec { .. } => Ok(()),
        Material::Okp { curve, x } => match edwards_point_is_sound(*curve, x) {
            Ok(true) => Ok(()),
            Ok(false) | Err(_) => Err(Unusable::Unsound),
        },
    }
}

fn check_rsa(n: &[u8], e: &[u8]) -> Result<(), Unusable> {
    if !(MIN_RSA_BITS..=MAX_RSA_BITS).contains(&bits(n)) {
        return Err(Unusable::WrongSize);
    }
    let odd = e.last().is_some_and(|last| last % 2 == 1);
    // The time of one verification grows with the bits of the exponent, and whoever makes a proof chooses its key.
    if !odd || e == [1] || bits(e) > MAX_EXPONENT_BITS {
        return Err(Unusable::WrongExponent);
    }
    if has_broken_primes(n) { Err(Unusable::BrokenPrimes) } else { Ok(()) }
}

/// Of a number without leading zero octets.
fn bits(number: &[u8]) -> usize {
    number.len() * 8 - number.first().map_or(0, |first| first.leading_zeros() as usize)
}

/// CVE-2017-15361: modulo each small prime, such a modulus is a power of 65537. By chance that happens to one in 2^27.
fn has_broken_primes(n: &[u8]) -> bool {
    ROCA_PRIMES.iter().all(|prime| {
        let remainder = n.iter().fold(0, |remainder, octet| (remainder * 256 + u32::from(*octet)) % prime);
        let powers = std::iter::successors(Some(1), |power| Some(power * 65537 % prime));
        powers.take(*prime as usize).any(|power| power == remainder)
    })
}

/// The backends find out only when they verify; a point of small order even verifies what nobody signed.
fn edwards_point_is_sound(curve: Curve, encoded: &[u8]) -> Result<bool, ErrorStack> {
    let mut y: Vec<u8> = encoded.iter().rev().copied().collect();
    if let Some(first) = y.first_mut() {
        // The sign of x (RFC 8032, sections 5.1.2 and 5.2.2).
        *first &= 0x7f;
    }
    let (y, one) = (BigNum::from_slice(&y)?, BigNum::from_u32(1)?);
    let p = BigNum::from_hex_str(if curve == Curve::Ed448 { ED448_PRIME } else { ED25519_PRIME })?;
    let is_canonical = y < p;
    Ok(is_canonical && !has_small_order(curve, &y, &p, &one)? && is_on_curve(curve, &y, &p, &one)?)
}

fn has_small_order(curve: Curve, y: &BigNum, p: &BigNum, one: &BigNum) -> Result<bool, ErrorStack> {
    let of_order_eight = BigNum::from_hex_str(ED25519_ORDER_EIGHT)?;
    let is_small = *y == BigNum::new()? || y == one || *y == p - one;
    let is_eighth = curve == Curve::Ed25519 && (*y == of_order_eight || *y == p - &of_order_eight);
    Ok(is_small || is_eighth)
}

/// Whether the equation of the curve has an x for this y, by Euler's criterion: x² is a quotient here, and the product
/// of its parts is a square if and only if that is one.
///
/// Ed25519 has x² = (y² − 1) / (d·y² + 1) with d = −121665 / 121666; Ed448 has x² = (1 − y²) / (1 − d·y²) with
/// d = −39081 (RFC 8032, sections 5.1 and 5.2).
fn is_on_curve(curve: Curve, y: &BigNum, p: &BigNum, one: &BigNum) -> Result<bool, ErrorStack> {
    let number = BigNum::from_u32;
    let square = y * y;
    let parts = if curve == Curve::Ed448 {
        &(one - &square) * &(one + &(&number(39_081)? * &square))
    } else {
        let scale = number(121_666)?;
        &(&scale * &(&square - one)) * &(&scale - &(&number(121_665)? * &square))
    };
    let [mut reduced, mut half, mut symbol] = [BigNum::new()?, BigNum::new()?, BigNum::new()?];
    let mut context = BigNumContext::new()?;
    reduced.nnmod(&parts, p, &mut context)?;
    half.rshift1(p)?;
    symbol.mod_exp(&reduced, &half, p, &mut context)?;
    Ok(symbol <= *one)
}

const MIN_RSA_BITS: usize = 2048;
const MAX_RSA_BITS: usize = 8192;
/// As in AWS-LC and BoringSSL; OpenSSL alone has no limit for a modulus of up to 3072 bits.
const MAX_EXPONENT_BITS: usize = 33;

const ROCA_PRIMES: [u32; 38] = [
    3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109,
    113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
];

/// 2^255 − 19.
const ED25519_PRIME: &str = "7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFED";
/// 2^448 − 2^224 − 1.
const ED448_PRIME: &str = "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFE\
                           FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF";
/// y of two of the points of order eight; the other two have its opposite.
const ED25519_ORDER_EIGHT: &str = "05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826";

#[cfg(test)]
mod tests {
    use openssl::pkey::PKey;

    use super::*;

    fn point(curve: Curve, hex: &str) -> Result<(), Unusable> {
        let mut x: Vec<u8> = BigNum::from_hex_str(hex).unwrap().to_vec_padded(curve.coordinate_len() as i32).unwrap();
        x.reverse();
        check(&Material::Okp { curve, x })
    }

    #[test]
    fn every_generated_edwards_key_is_sound() {
        for _ in 0..32 {
            let x = PKey::generate_ed25519().unwrap().raw_public_key().unwrap();
            assert_eq!(check(&Material::Okp { curve: Curve::Ed25519, x }), Ok(()));
            let x = PKey::generate_ed448().unwrap().raw_public_key().unwrap();
            assert_eq!(check(&Material::Okp { curve: Curve::Ed448, x }), Ok(()));
        }
    }

    #[test]
    fn points_of_small_order_are_unsound_with_either_sign() {
        let last = &ED25519_PRIME.replace("ED", "EC");
        let opposite_of_eighth = "7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7";
        for y in ["0", "1", last, ED25519_ORDER_EIGHT, opposite_of_eighth] {
            assert_eq!(point(Curve::Ed25519, y), Err(Unusable::Unsound), "{y}");
        }
        for sign in [
            "8000000000000000000000000000000000000000000000000000000000000000",
            "85FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826",
        ] {
            assert_eq!(point(Curve::Ed25519, sign), Err(Unusable::Unsound), "{sign}");
        }
        for y in ["0", "1"] {
            assert_eq!(point(Curve::Ed448, y), Err(Unusable::Unsound), "{y}");
        }
    }

    #[test]
    fn points_off_the_curve_and_beyond_the_prime_are_unsound() {
        assert_eq!(point(Curve::Ed25519, "2"), Err(Unusable::Unsound));
        assert_eq!(point(Curve::Ed25519, ED25519_PRIME), Err(Unusable::Unsound));
        assert_eq!(point(Curve::Ed25519, "6666666666666666666666666666666666666666666666666666666666666658"), Ok(()));
        let on_curve = (2..40).filter(|y| point(Curve::Ed448, &format!("{y:X}")).is_ok()).count();
        assert!((5..34).contains(&on_curve), "about half of all numbers are a y of Ed448: {on_curve} of 38");
    }

    #[test]
    fn a_modulus_of_powers_of_65537_is_broken() {
        assert!(has_broken_primes(&BigNum::from_u32(65537).unwrap().to_vec()));
        let other = openssl::rsa::Rsa::generate(2048).unwrap();
        assert!(!has_broken_primes(&other.n().to_vec()));
    }
}
