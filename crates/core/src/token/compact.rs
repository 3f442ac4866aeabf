//! The compact serialization of a JWS (RFC 7515, section 7.1), within limits.

use std::borrow::Cow;
use std::fmt;

use crate::error::Failure;
use crate::token::Header;
use crate::token::base64url;

/// A token of which nothing is believed yet.
#[derive(Clone)]
pub(crate) struct UnverifiedToken<'a> {
    raw: Cow<'a, str>,
    /// How much of it is signed: all that stands before the second dot.
    signed: usize,
    header: Header,
    payload: String,
    signature: Vec<u8>,
}

impl<'a> UnverifiedToken<'a> {
    /// Splits and decodes `raw`, trusting none of it. The payload is UTF-8 afterwards, and not yet read.
    ///
    /// # Errors
    ///
    /// [`Failure::TooLong`] before anything is decoded, [`Failure::Malformed`] unless `raw` is three parts of base64url
    /// without padding, the first of them a sound header.
    pub(crate) fn parse(raw: &'a str, max_bytes: usize) -> Result<Self, Failure> {
        if raw.len() > max_bytes {
            return Err(Failure::TooLong { length: raw.len(), limit: max_bytes });
        }
        let decoded = Compact::decode(raw).map_err(|fault| Failure::Malformed(other_form(raw).unwrap_or(fault)));
        let Compact { header, payload, signature, signed } = decoded?;
        let header = Header::read(header)?;
        Ok(Self { raw: Cow::Borrowed(raw), signed: signed.len(), header, payload, signature })
    }

    /// As it came.
    pub(crate) fn raw(&self) -> &str {
        &self.raw
    }

    pub(crate) fn header(&self) -> &Header {
        &self.header
    }

    pub(crate) fn payload(&self) -> &str {
        &self.payload
    }

    /// Header and payload, which is what stays of a token that is believed.
    pub(crate) fn into_parts(self) -> (Header, String) {
        (self.header, self.payload)
    }

    /// The octets that the signature covers, as they were received (RFC 7515, section 5.2).
    pub(crate) fn signing_input(&self) -> &[u8] {
        self.raw.get(..self.signed).unwrap_or_default().as_bytes()
    }

    pub(crate) fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// The same token, holding its own text.
    pub(crate) fn into_owned(self) -> UnverifiedToken<'static> {
        UnverifiedToken {
            raw: Cow::Owned(self.raw.into_owned()),
            signed: self.signed,
            header: self.header,
            payload: self.payload,
            signature: self.signature,
        }
    }
}

impl fmt::Debug for UnverifiedToken<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnverifiedToken").finish_non_exhaustive()
    }
}

/// The parts of a JWS, decoded and not yet read.
pub(crate) struct Compact<'a> {
    pub(crate) header: String,
    pub(crate) payload: String,
    pub(crate) signature: Vec<u8>,
    /// The octets that the signature covers.
    pub(crate) signed: &'a str,
}

impl<'a> Compact<'a> {
    /// # Errors
    ///
    /// What is wrong, in words, unless `raw` is three parts of base64url without padding, the first two of them UTF-8.
    pub(crate) fn decode(raw: &'a str) -> Result<Self, &'static str> {
        let (header, payload, signature) = split(raw).ok_or("it has not exactly three parts")?;
        let (header, payload) = (decode_text(header)?, decode_text(payload)?);
        let signed = raw.get(..raw.len() - signature.len() - 1).unwrap_or_default();
        let signature = base64url::decode(signature).ok_or(NOT_BASE64URL)?;
        Ok(Self { header, payload, signature, signed })
    }
}

/// Returns `raw` without white space around it and without a leading `Bearer ` in any case (RFC 6750, section 2.1).
///
/// ```
/// use claviger_core::strip_bearer;
///
/// assert_eq!(strip_bearer("bearer  a.b.c"), "a.b.c");
/// assert_eq!(strip_bearer("a.b.c"), "a.b.c");
/// assert_eq!(strip_bearer("bearera.b.c"), "bearera.b.c");
/// assert_eq!(strip_bearer(" Bearer a.b.c\r\n"), "a.b.c");
/// assert_eq!(strip_bearer("a.b.c\n"), "a.b.c");
/// ```
#[must_use]
pub fn strip_bearer(raw: &str) -> &str {
    const PREFIX: &str = "Bearer ";
    // Text of a file or a variable often ends with a newline.
    let trimmed = raw.trim_ascii();
    match trimmed.split_at_checked(PREFIX.len()) {
        Some((prefix, token)) if prefix.eq_ignore_ascii_case(PREFIX) => token.trim_ascii_start(),
        _ => trimmed,
    }
}

/// Looks at three dots at the most, whatever the length (CVE-2025-30204, CVE-2025-27144).
fn split(raw: &str) -> Option<(&str, &str, &str)> {
    let mut dots = memchr::memchr_iter(b'.', raw.as_bytes());
    let (first, second) = (dots.next()?, dots.next()?);
    if dots.next().is_some() {
        return None;
    }
    Some((raw.get(..first)?, raw.get(first + 1..second)?, raw.get(second + 1..)?))
}

/// What the token is if it is not a JWS: many an issuer sends such tokens until it is asked for another kind.
fn other_form(raw: &str) -> Option<&'static str> {
    let mut parts = raw.split('.');
    let is_header = parts.next().and_then(base64url::decode).is_some_and(|header| header.starts_with(b"{"));
    match parts.take(MOST_PARTS).count() {
        2 => None,
        4 if is_header => Some(ENCRYPTED),
        _ => Some(OPAQUE),
    }
}

fn decode_text(part: &str) -> Result<String, &'static str> {
    let bytes = base64url::decode(part).ok_or(NOT_BASE64URL)?;
    String::from_utf8(bytes).map_err(|_| "a part is no UTF-8")
}

/// Those behind the first one.
const MOST_PARTS: usize = 5;
const ENCRYPTED: &str = "it has the five parts of an encrypted JWT (RFC 7516), and only signed ones are accepted; the \
                         issuer may have been asked for no audience of its own";
const OPAQUE: &str = "it has not the three parts of a signed JWT, so it is opaque: opaque tokens need introspection \
                      (RFC 7662), which is not configured";
const NOT_BASE64URL: &str = "a part is no base64url without padding";

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "eyJhbGciOiJFUzI1NiJ9";
    const LIMIT: usize = 16 * 1024;

    #[test]
    fn three_parts_are_split_where_the_signature_begins() {
        let raw = format!("{HEADER}.e30.AAAA");
        let token = UnverifiedToken::parse(&raw, LIMIT).unwrap();
        assert_eq!(token.signing_input(), format!("{HEADER}.e30").as_bytes());
        assert_eq!(token.payload(), "{}");
        assert_eq!(token.signature(), [0, 0, 0]);
    }

    #[test]
    fn any_other_number_of_parts_is_malformed() {
        for raw in [
            "",
            ".",
            "..",
            HEADER,
            &format!("{HEADER}.e30"),
            &format!("{HEADER}.e30.AA.AA"),
            &format!("{HEADER}.a.b.c.d"),
        ] {
            assert!(matches!(UnverifiedToken::parse(raw, LIMIT), Err(Failure::Malformed(_))), "{raw}");
        }
        for raw in [format!(".{HEADER}.e30.AA"), format!("{HEADER}..e30.AA"), format!("{HEADER}.e30.AA.")] {
            assert!(matches!(UnverifiedToken::parse(&raw, LIMIT), Err(Failure::Malformed(_))), "{raw}");
        }
    }

    #[test]
    fn what_is_no_jws_is_called_by_its_name() {
        let why = |raw: &str| match UnverifiedToken::parse(raw, LIMIT) {
            Err(Failure::Malformed(why)) => why,
            _ => panic!("{raw} is malformed"),
        };
        for raw in ["opaque", "", "a.b", "a.b.c.d", "a.b.c.d.e", &format!("{HEADER}.e30"), &"a.".repeat(50)] {
            assert_eq!(why(raw), OPAQUE, "{raw}");
        }
        for raw in [format!("{HEADER}.a.b.c.d"), format!("{HEADER}..b.c.d")] {
            assert_eq!(why(&raw), ENCRYPTED, "{raw}");
        }
        assert_eq!(why("e30.!.AA"), NOT_BASE64URL);
    }

    #[test]
    fn padding_strange_characters_and_loose_bits_are_malformed() {
        for payload in ["e30=", "e3 0", "e3+0", "e3/0", "e30\n", "e", "e31"] {
            let raw = format!("{HEADER}.{payload}.AAAA");
            assert!(matches!(UnverifiedToken::parse(&raw, LIMIT), Err(Failure::Malformed(_))), "{payload:?}");
        }
        for signature in ["AA=", "A A", "AA+", "Ü", "A", "AB"] {
            let raw = format!("{HEADER}.e30.{signature}");
            assert!(matches!(UnverifiedToken::parse(&raw, LIMIT), Err(Failure::Malformed(_))), "{signature:?}");
        }
    }

    #[test]
    fn the_limit_is_judged_before_anything_is_decoded() {
        let raw = ".".repeat(LIMIT + 1);
        assert!(
            matches!(UnverifiedToken::parse(&raw, LIMIT), Err(Failure::TooLong { length, .. }) if length == LIMIT + 1)
        );
    }

    #[test]
    fn debug_shows_nothing_of_the_token() {
        let raw = format!("{HEADER}.e30.c2VjcmV0");
        let shown = format!("{:?}", UnverifiedToken::parse(&raw, LIMIT).unwrap());
        assert!(!shown.contains("c2VjcmV0") && !shown.contains(HEADER));
    }
}
