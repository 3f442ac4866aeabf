//! A certificate as base64 of its DER encoding (X.690), without any framing.

use base64::Engine;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::GeneralPurpose;
use base64::engine::GeneralPurposeConfig;
use claviger_core::ClientCertificate;

/// # Errors
///
/// What is wrong with it, for the log.
pub(super) fn read(base64: &str) -> Result<ClientCertificate, &'static str> {
    let der = BASE64.decode(base64).map_err(|_| "it is not base64")?;
    if is_sequence(&der) { Ok(ClientCertificate::from_der(&der)) } else { Err("it is not a certificate in DER") }
}

/// Whether this is one SEQUENCE and nothing else. What it holds was the business of the TLS handshake, but hexadecimal
/// digests are base64 too, and a text that was cut must not pass for an element of a list.
fn is_sequence(der: &[u8]) -> bool {
    let [SEQUENCE, length, content @ ..] = der else { return false };
    let octets = match length {
        0..=0x7f => return content.len() == usize::from(*length),
        0x81..=0x84 => usize::from(length & 0x7f),
        _ => return false,
    };
    let length = content.get(..octets).unwrap_or_default();
    let length = length.iter().fold(0, |length, octet| length << 8 | usize::from(*octet));
    content.len().checked_sub(octets) == Some(length)
}

const SEQUENCE: u8 = 0x30;

/// RFC 9651, section 4.2.7, wants parsers to take what has lost its padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    #[test]
    fn a_sequence_is_read_with_padding_and_without() {
        for text in ["MANhYmM=", "MANhYmM"] {
            assert_eq!(read(text), Ok(ClientCertificate::from_der(b"0\x03abc")), "{text}");
        }
        for length in [0x80, 0xff, 0x100, 0x1234] {
            let octets =
                if length < 0x100 { vec![0x81, length as u8] } else { vec![0x82, (length >> 8) as u8, length as u8] };
            let der = [&[SEQUENCE][..], &octets, &vec![7; length]].concat();
            assert_eq!(read(&STANDARD.encode(&der)), Ok(ClientCertificate::from_der(&der)), "{length}");
            for wrong in [&der[..der.len() - 1], &[&der[..], &[7]].concat(), &der[1..]] {
                assert!(read(&STANDARD.encode(wrong)).is_err(), "{length}");
            }
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "=",
            "x",
            "MA",
            "MAA=MAA=",
            "MANhYm-_",
            "MANh YmM=",
            // SHA-1 and SHA-256 in hexadecimal.
            "a9993e364706816aba3e25717850c26c9cd0d89d",
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            // "abc"; an octet string; a sequence of indefinite length; lengths that are cut or do not fit a word.
            "YWJj",
            "BANhYmM=",
            "MIAAAA==",
            "MIEA/w==",
            "MII=",
            "MIgAAAAAAAAAAA==",
            "MP8=",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
