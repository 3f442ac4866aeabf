//! Secrets that must stand in no error: whole, in part, and however they are written.
//!
//! An endpoint may repeat what it was sent: the secret itself, the form or the `Authorization` field that it stood in, or
//! the first characters of a token. So a text is compared with each secret in parts, as it stands, with percent-encoding
//! undone, and as base64.

use std::collections::HashSet;
use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use zeroize::Zeroizing;

/// The secrets of one request.
#[derive(Default)]
pub(crate) struct Secrets {
    forms: Vec<Form>,
}

/// One way in which a secret is written.
struct Form {
    bytes: Zeroizing<Vec<u8>>,
    writing: Writing,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Writing {
    Plain,
    /// The standard alphabet and that of URLs are one.
    Base64,
}

impl Secrets {
    /// Adds a secret, in clear and within whatever is base64.
    pub(crate) fn add(&mut self, secret: &str) {
        self.forms.push(Form { bytes: Zeroizing::new(secret.as_bytes().to_vec()), writing: Writing::Plain });
        self.add_base64(secret);
    }

    /// Adds a text that is secret only where it is base64.
    pub(crate) fn add_base64(&mut self, secret: &str) {
        for (offset, shared) in SHARED_AT_START.into_iter().enumerate() {
            let mut bytes = Zeroizing::new(vec![0; offset]);
            bytes.extend_from_slice(secret.as_bytes());
            let encoded = Zeroizing::new(STANDARD_NO_PAD.encode(bytes.as_slice()));
            // At both ends there are characters that hold bits of the neighbours too.
            let end = encoded.len() - usize::from(bytes.len() % 3 != 0);
            let inner = encoded.as_bytes().get(shared..end).unwrap_or_default();
            self.forms.push(Form { bytes: Zeroizing::new(inner.to_vec()), writing: Writing::Base64 });
        }
    }

    /// Returns `text` with `[redacted]` in the place of every part that is a part of a secret.
    ///
    /// A registered error code stays, because it says nothing about us: taken out, it would say what the secret is.
    pub(crate) fn redact(&self, text: &str) -> String {
        let text = start_of(text);
        let mut hidden = self.hidden(text);
        for code in codes(text) {
            hidden[code].fill(false);
        }
        let (mut redacted, mut was_hidden) = (String::with_capacity(text.len()), false);
        for (at, character) in text.char_indices() {
            let is_hidden = hidden[at..at + character.len_utf8()].contains(&true);
            if is_hidden && !was_hidden {
                redacted.push_str(REDACTED);
            } else if !is_hidden {
                redacted.push(character);
            }
            was_hidden = is_hidden;
        }
        redacted
    }

    /// Returns an error code as it is if it is registered or has nothing of a secret, and otherwise `[redacted]`: a part
    /// of a code would let the rest be guessed.
    pub(crate) fn redact_code(&self, code: &str) -> String {
        let code = start_of(code);
        let is_clean = || self.hidden(code).iter().all(|is_hidden| !is_hidden);
        if is_registered(code) || is_clean() { code.to_owned() } else { REDACTED.to_owned() }
    }

    /// For each byte of `text` whether it is a part of a secret.
    fn hidden(&self, text: &str) -> Vec<bool> {
        let mut hidden = vec![false; text.len()];
        let mut reading = Reading::of(text);
        for _ in 0..DECODINGS {
            self.forms.iter().for_each(|form| form.hide(&reading, &mut hidden));
            reading = reading.percent_decoded();
        }
        hidden
    }
}

impl Form {
    fn hide(&self, reading: &Reading, hidden: &mut [bool]) {
        let least = least_part(self.bytes.len());
        let is_in_everything = least == 0 || (self.writing == Writing::Base64 && least < SHORT);
        if is_in_everything || reading.bytes.len() < least {
            return;
        }
        let normalized = |bytes: &[u8]| -> Zeroizing<Vec<u8>> {
            Zeroizing::new(bytes.iter().map(|byte| self.writing.normalized(*byte)).collect())
        };
        let (secret, told) = (normalized(&self.bytes), normalized(&reading.bytes));
        let parts: HashSet<&[u8]> = secret.windows(least).collect();
        for (at, part) in told.windows(least).enumerate() {
            if parts.contains(part) && (least >= SHORT || is_a_word(&told, at..at + least)) {
                hidden[reading.starts[at]..reading.starts[at + least]].fill(true);
            }
        }
    }
}

impl Writing {
    /// A plus sign may stand for a blank (a form), and for a dash (base64url).
    fn normalized(self, byte: u8) -> u8 {
        match (self, byte) {
            (Self::Plain, b'+') => b' ',
            (Self::Base64, b'-' | b' ') => b'+',
            (Self::Base64, b'_') => b'/',
            _ => byte,
        }
    }
}

/// A text as somebody may have meant it, and where each byte stood.
struct Reading {
    bytes: Zeroizing<Vec<u8>>,
    /// One more than there are bytes: the last is the end.
    starts: Vec<usize>,
}

impl Reading {
    fn of(text: &str) -> Self {
        Self { bytes: Zeroizing::new(text.as_bytes().to_vec()), starts: (0..=text.len()).collect() }
    }

    /// The same with one layer of percent-encoding undone.
    fn percent_decoded(&self) -> Self {
        let (mut bytes, mut starts) = (Zeroizing::new(Vec::with_capacity(self.bytes.len())), Vec::new());
        let mut at = 0;
        while let Some(&byte) = self.bytes.get(at) {
            starts.push(self.starts[at]);
            let decoded = match (byte, self.bytes.get(at + 1..at + 3)) {
                (b'%', Some(digits)) => {
                    std::str::from_utf8(digits).ok().and_then(|text| u8::from_str_radix(text, 16).ok())
                }
                _ => None,
            };
            bytes.push(decoded.unwrap_or(byte));
            at += if decoded.is_some() { 3 } else { 1 };
        }
        starts.extend(self.starts.last());
        Self { bytes, starts }
    }
}

/// How many characters in a row make a part of a secret of this length: half of it and at most 8, and a short one as a
/// whole.
fn least_part(length: usize) -> usize {
    if length < LONG_PART { length } else { LONG_PART.min(length.div_ceil(2)) }
}

/// Whether neither neighbour is a letter or a digit: a secret of few characters is a part of many words.
fn is_a_word(text: &[u8], range: Range<usize>) -> bool {
    let is_open = |byte: Option<&u8>| byte.is_none_or(|byte| !byte.is_ascii_alphanumeric());
    is_open(range.start.checked_sub(1).and_then(|at| text.get(at))) && is_open(text.get(range.end))
}

/// Enough to say what is wrong; the rest is dropped.
fn start_of(text: &str) -> &str {
    text.char_indices().nth(MOST_CHARS).map_or(text, |(end, _)| &text[..end])
}

/// Where registered codes stand in `text`, as words.
fn codes(text: &str) -> impl Iterator<Item = Range<usize>> {
    let is_of_a_word = |character: char| character.is_ascii_alphanumeric() || character == '_';
    let words = text.split(move |character| !is_of_a_word(character)).filter(|word| is_registered(word));
    words.map(|word| {
        let start = word.as_ptr() as usize - text.as_ptr() as usize;
        start..start + word.len()
    })
}

fn is_registered(code: &str) -> bool {
    REGISTERED.contains(&code)
}

/// The error codes of OAuth's registry (RFC 6749, section 11.4) that a token endpoint may answer with, and those of
/// bearer tokens and proofs.
const REGISTERED: [&str; 25] = [
    // RFC 6749
    "access_denied",
    "invalid_client",
    "invalid_grant",
    "invalid_request",
    "invalid_scope",
    "server_error",
    "temporarily_unavailable",
    "unauthorized_client",
    "unsupported_grant_type",
    "unsupported_response_type",
    // RFC 6750, RFC 7009
    "insufficient_scope",
    "invalid_token",
    "unsupported_token_type",
    // RFC 8628
    "authorization_pending",
    "expired_token",
    "slow_down",
    // RFC 8693, RFC 8707
    "invalid_target",
    // RFC 9396
    "invalid_authorization_details",
    // RFC 9449
    "invalid_dpop_proof",
    "use_dpop_nonce",
    // RFC 9470
    "insufficient_user_authentication",
    // OpenID Connect Core 1.0, section 3.1.2.6
    "account_selection_required",
    "consent_required",
    "interaction_required",
    "login_required",
];

const REDACTED: &str = "[redacted]";
/// Of a text that follows so many bytes, the first characters that hold bits of those too.
const SHARED_AT_START: [usize; 3] = [0, 2, 3];
/// As it stands, decoded, and decoded once more.
const DECODINGS: usize = 3;
const LONG_PART: usize = 8;
const SHORT: usize = 4;
const MOST_CHARS: usize = 1024;

#[cfg(test)]
mod tests;
