//! A certificate as the SHA-256 digest of its DER encoding, in hexadecimal.

use claviger_core::ClientCertificate;

/// # Errors
///
/// What is wrong with it, for the log.
pub(super) fn read(hex: &str) -> Result<ClientCertificate, &'static str> {
    if is_of_nothing(hex) {
        return Err("it is the digest of nothing");
    }
    if hex.len() != 64 || !hex.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return Err(WRONG);
    }
    let mut digest = [0; 32];
    for (octet, at) in digest.iter_mut().zip((0..).step_by(2)) {
        *octet = u8::from_str_radix(&hex[at..at + 2], 16).map_err(|_| WRONG)?;
    }
    Ok(ClientCertificate::from_sha256(digest))
}

/// What some proxies send for a client without a certificate: they digest an empty text.
pub(super) fn is_of_nothing(hex: &str) -> bool {
    hex.eq_ignore_ascii_case("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
}

const WRONG: &str = "it is not a SHA-256 digest in hexadecimal";

#[cfg(test)]
mod tests {
    use super::*;

    /// FIPS 180-4, the example "abc".
    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn sixty_four_digits_are_read() {
        let expected = Ok(ClientCertificate::from_der(b"abc"));
        assert_eq!(read(ABC), expected);
        assert_eq!(read(&ABC.to_ascii_uppercase()), expected);
    }

    #[test]
    fn anything_else_is_refused() {
        for hex in [
            "",
            "x",
            &ABC[1..],
            &format!("{ABC}0"),
            &ABC.replace("ba", "+a"),
            &ABC.replace("ba", "gg"),
            &ABC.replace("ba", "b\u{e4}"),
            &format!("0x{}", &ABC[2..]),
            // SHA-1 of "abc", and SHA-256 of nothing.
            "a9993e364706816aba3e25717850c26c9cd0d89d",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
        ] {
            assert!(read(hex).is_err(), "{hex}");
        }
    }
}
