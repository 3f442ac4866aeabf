//! Nonces of this API (RFC 9449, section 9): known again without being remembered.
//!
//! A nonce is the second it was made in, and an authentication code over that and the thumbprint of the key it is for.
//! Any instance with the same secrets knows it, nobody else can make one, and to another key it is worth nothing.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::error::Failure;
use crate::presenter::Thumbprint;
use crate::signature::digest::Octets;
use crate::signature::digest::are_equal;
use crate::signature::digest::hmac_sha256;

/// A nonce for the next proof; its characters may stand in a field as they are (RFC 9449, section 8.1).
#[derive(Clone)]
pub(crate) struct Nonce(Box<str>);

impl Nonce {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Nonce(..)")
    }
}

/// Makes nonces, and knows its own.
pub(crate) struct Nonces {
    /// The first one makes nonces; all of them know theirs. There is one at least.
    secrets: Vec<Box<[u8]>>,
}

impl Nonces {
    pub(super) fn new(secrets: Vec<Box<[u8]>>) -> Self {
        Self { secrets }
    }

    /// Judges the nonce of a proof by this key. A nonce for the next proof is made where this one ends soon.
    ///
    /// # Errors
    ///
    /// [`Failure::NonceRequired`], with a nonce that would do, if it is none, or too old.
    pub(crate) fn judge(&self, nonce: Option<&str>, key: &Thumbprint, now: f64) -> Result<Option<Nonce>, Failure> {
        let required = |why| Err(Failure::NonceRequired { why, fresh: self.make(key, now)?.0 });
        let Some(nonce) = nonce else {
            return required("it has none");
        };
        let Some(made_at) = self.made_at(nonce, key) else {
            return required("its nonce is not of ours, or of another key");
        };
        let age = now - made_at;
        if !(-LEEWAY..=LIFETIME).contains(&age) {
            return required("its nonce is too old");
        }
        if age > RENEWED_AFTER { self.make(key, now).map(Some) } else { Ok(None) }
    }

    /// For this key, good from now on.
    fn make(&self, key: &Thumbprint, now: f64) -> Result<Nonce, Failure> {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "no clock is out of this range")]
        let second = (now as u64).to_be_bytes();
        let code = self.secrets.first().and_then(|secret| code(secret, second, key));
        let code = code.ok_or_else(|| Failure::CheckFailed { cause: "no nonce can be made".to_owned() })?;
        let mut octets = [0; SECOND_OCTETS + CODE_OCTETS];
        octets[..SECOND_OCTETS].copy_from_slice(&second);
        octets[SECOND_OCTETS..].copy_from_slice(&code);
        Ok(Nonce(URL_SAFE_NO_PAD.encode(octets).into()))
    }

    /// In seconds since 1970; `None` if no secret of ours made it for this key.
    fn made_at(&self, nonce: &str, key: &Thumbprint) -> Option<f64> {
        let mut octets = [0; SECOND_OCTETS + CODE_OCTETS];
        if nonce.len() != CHARACTERS || URL_SAFE_NO_PAD.decode_slice(nonce, &mut octets).is_err() {
            return None;
        }
        let (second, told) = octets.split_first_chunk::<SECOND_OCTETS>()?;
        let told: Octets = told.try_into().ok()?;
        let is_by = |secret: &[u8]| code(secret, *second, key).is_some_and(|own| are_equal(&own, &told));
        #[expect(clippy::cast_precision_loss, reason = "no clock is out of this range")]
        self.secrets.iter().any(|secret| is_by(secret)).then(|| u64::from_be_bytes(*second) as f64)
    }
}

impl fmt::Debug for Nonces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Nonces").field("secrets", &self.secrets.len()).finish()
    }
}

fn code(secret: &[u8], second: [u8; SECOND_OCTETS], key: &Thumbprint) -> Option<Octets> {
    hmac_sha256(secret, &[PURPOSE, &second, key.octets()])
}

/// Keeps the code from meaning anything where the same secret is used for something else.
const PURPOSE: &[u8] = b"claviger DPoP nonce";
const SECOND_OCTETS: usize = 8;
const CODE_OCTETS: usize = 32;
const CHARACTERS: usize = 54;

/// In seconds.
const LIFETIME: f64 = 300.0;
/// In seconds: a client gets the next nonce while it can still use this one.
const RENEWED_AFTER: f64 = 150.0;
/// In seconds: as far as the clocks of instances may differ.
const LEEWAY: f64 = 30.0;

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: f64 = 1_750_000_000.0;

    fn nonces(secrets: &[u8]) -> Nonces {
        Nonces::new(secrets.iter().map(|octet| vec![*octet; 32].into()).collect())
    }

    fn key(octet: u8) -> Thumbprint {
        Thumbprint::of([octet; 32])
    }

    fn fresh(judged: Result<Option<Nonce>, Failure>) -> String {
        match judged {
            Err(Failure::NonceRequired { fresh, .. }) => fresh.into(),
            judged => panic!("no fresh nonce: {judged:?}"),
        }
    }

    #[test]
    fn a_nonce_is_good_for_its_time_and_renewed_before_its_end() {
        let nonces = nonces(&[1]);
        let nonce = fresh(nonces.judge(None, &key(1), NOW));
        for (after, renewed) in [(-30.0, false), (0.0, false), (150.0, false), (151.0, true), (300.0, true)] {
            let next = nonces.judge(Some(&nonce), &key(1), NOW + after).unwrap();
            assert_eq!(next.is_some(), renewed, "{after}");
            let next = next.map_or_else(|| nonce.clone(), |next| next.as_str().to_owned());
            assert!(nonces.judge(Some(&next), &key(1), NOW + after).unwrap().is_none() || !renewed);
        }
        for after in [-31.0, 301.0, 1e9] {
            let next = fresh(nonces.judge(Some(&nonce), &key(1), NOW + after));
            assert!(nonces.judge(Some(&next), &key(1), NOW + after).unwrap().is_none(), "{after}");
        }
    }

    #[test]
    fn it_is_good_for_its_key_alone_and_for_whoever_shares_the_secret() {
        let nonce = fresh(nonces(&[1]).judge(None, &key(1), NOW));
        fresh(nonces(&[1]).judge(Some(&nonce), &key(2), NOW));
        fresh(nonces(&[2]).judge(Some(&nonce), &key(1), NOW));
        assert!(nonces(&[1]).judge(Some(&nonce), &key(1), NOW).is_ok());
        assert!(nonces(&[2, 1]).judge(Some(&nonce), &key(1), NOW).is_ok(), "an older secret still knows its own");
    }

    #[test]
    fn any_other_form_is_none_of_ours() {
        let nonces = nonces(&[1]);
        let nonce = fresh(nonces.judge(None, &key(1), NOW));
        for at in 0..nonce.len() {
            let mut changed = nonce.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            fresh(nonces.judge(Some(std::str::from_utf8(&changed).unwrap()), &key(1), NOW));
        }
        for wrong in ["", "x", &nonce[1..], &format!("{nonce}="), &format!("{nonce}A"), "ä", &"A".repeat(54)] {
            fresh(nonces.judge(Some(wrong), &key(1), NOW));
        }
    }

    /// RFC 9449, section 8.1: %x21 / %x23-5B / %x5D-7E.
    #[test]
    fn its_characters_may_stand_in_a_field() {
        let nonce = fresh(nonces(&[1]).judge(None, &key(1), NOW));
        assert!(nonce.bytes().all(|byte| matches!(byte, b'!' | b'#'..=b'[' | b']'..=b'~')));
        assert_eq!(nonce.len(), CHARACTERS);
    }
}
