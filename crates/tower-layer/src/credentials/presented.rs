//! What a request presents, and where.

use std::borrow::Cow;

use claviger_core::TokenScheme;

/// What a request presents, and where it stands.
#[derive(Debug)]
pub(crate) struct Presented<'a> {
    pub(crate) credentials: Credentials<'a>,
    pub(crate) place: Place,
}

/// What stands in one place.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Credentials<'a> {
    /// Nothing of ours.
    None(NoCredentials),
    /// A token, to be believed of whoever bears it.
    Bearer(Cow<'a, str>),
    /// A token, to be believed of who holds its key.
    Dpop(Cow<'a, str>),
    /// A scheme of ours that is not accepted here.
    Unaccepted,
    /// Something that must not be guessed at.
    Malformed,
    /// A cookie that another site may have had sent.
    CrossSite,
}

/// Why there is nothing of ours; both are answered alike.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum NoCredentials {
    NoField,
    OtherScheme,
}

/// Where the credentials stand.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Place {
    /// In `Authorization`, by this scheme if that can be told; or nowhere.
    Authorization(Option<TokenScheme>),
    /// In a cookie.
    Cookie,
    /// In another field or in the query.
    Elsewhere,
}

impl Place {
    /// The scheme, where there is one and it can be told.
    pub(crate) fn scheme(self) -> Option<TokenScheme> {
        match self {
            Self::Authorization(scheme) => scheme,
            Self::Cookie | Self::Elsewhere => None,
        }
    }
}

impl Default for Place {
    fn default() -> Self {
        Self::Authorization(None)
    }
}

impl<'a> Credentials<'a> {
    /// The one token that stands in a place without a scheme; two leave a doubt.
    pub(super) fn bare(mut values: impl Iterator<Item = Cow<'a, [u8]>>) -> Self {
        match (values.next(), values.next()) {
            (None, _) => Self::None(NoCredentials::NoField),
            (Some(token), None) => text(token).filter(|token| is_token68(token)).map_or(Self::Malformed, Self::Bearer),
            (Some(_), Some(_)) => Self::Malformed,
        }
    }
}

fn text(bytes: Cow<'_, [u8]>) -> Option<Cow<'_, str>> {
    match bytes {
        Cow::Borrowed(bytes) => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
        Cow::Owned(bytes) => String::from_utf8(bytes).ok().map(Cow::Owned),
    }
}

/// RFC 9110, section 11.2.
pub(super) fn is_token68(token: &str) -> bool {
    let body = token.trim_end_matches('=');
    let is_letter = |byte: u8| (byte | 0x20).wrapping_sub(b'a') < 26;
    // From the hyphen to the last digit there is nothing else: `-`, `.`, `/`, and the digits.
    let is_plain =
        |byte: u8| is_letter(byte) | (byte.wrapping_sub(b'-') < 13) | (byte == b'_') | (byte == b'~') | (byte == b'+');
    // All of it is looked at, without a branch, because the compiler then takes many octets at once.
    !body.is_empty() && body.bytes().fold(true, |all, byte| all & is_plain(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 9110, section 11.2: `token68 = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="`.
    #[test]
    fn a_token68_has_these_characters_and_no_other() {
        let named = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/";
        for character in '\0'..='\u{ff}' {
            let is_one = named.contains(character);
            for text in [format!("{character}"), format!("a.b{character}c=="), format!("{}{character}", "a".repeat(40))]
            {
                // At the end `=` is what it may end with.
                assert_eq!(is_token68(&text), is_one || (character == '=' && text.len() > 40), "{text:?}");
            }
        }
        assert!(!is_token68("") && !is_token68("=") && is_token68("a="));
    }
}
