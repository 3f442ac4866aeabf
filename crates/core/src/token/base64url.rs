//! base64url without padding (RFC 7515, section 2).

use std::sync::LazyLock;

use base64::Engine;
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
use base64::engine::GeneralPurpose;
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
use base64::engine::Simd;
use base64::engine::general_purpose::NO_PAD;

/// `None` if there is padding, another character, or a bit that no octet has (RFC 4648, section 3.5).
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    ENGINE.decode(text).ok()
}

/// By the best instructions of this processor.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
static ENGINE: LazyLock<Simd> = LazyLock::new(|| Simd::url_safe(NO_PAD));

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
static ENGINE: LazyLock<GeneralPurpose> = LazyLock::new(|| GeneralPurpose::new(&base64::alphabet::URL_SAFE, NO_PAD));

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    #[test]
    fn any_length_is_decoded() {
        for length in 0..200_u8 {
            let octets: Vec<u8> = (0..length).map(|at| at.wrapping_mul(59)).collect();
            assert_eq!(decode(&URL_SAFE_NO_PAD.encode(&octets)), Some(octets));
        }
    }

    #[test]
    fn one_wrong_character_is_found_wherever_it_stands() {
        for length in [4, 31, 32, 33, 64, 100, 342] {
            for at in 0..length {
                for wrong in ["=", "+", "/", " ", "\n", ".", "\0", "~", "ü"] {
                    let mut text = "A".repeat(length);
                    text.replace_range(at..=at, wrong);
                    assert_eq!(decode(&text), None, "{text}");
                }
            }
        }
    }

    #[test]
    fn loose_bits_are_refused_behind_any_length() {
        for before in [0, 4, 32, 64, 128] {
            for (end, is_sound) in
                [("AA", true), ("Ag", true), ("AB", false), ("AAA", true), ("AAE", true), ("AAB", false), ("A", false)]
            {
                assert_eq!(decode(&format!("{}{end}", "A".repeat(before))).is_some(), is_sound, "{before} {end}");
            }
        }
    }
}
