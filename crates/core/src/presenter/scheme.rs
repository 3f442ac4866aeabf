//! The schemes that a token can be presented by.

use std::fmt;

/// The authentication scheme that an access token is presented by.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "an access token has no other schemes; who matches must know of a third")]
pub enum TokenScheme {
    /// Whoever holds the token may use it (RFC 6750).
    Bearer,
    /// Whoever holds the key too may use it (RFC 9449, section 7.1).
    Dpop,
}

impl TokenScheme {
    /// As fields spell it; its case does not matter (RFC 9110, section 11.1).
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bearer => "Bearer",
            Self::Dpop => "DPoP",
        }
    }
}

impl fmt::Display for TokenScheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
