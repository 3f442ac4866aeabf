//! The rule about kinds of tokens that a refused token breaks.

use std::fmt;

/// The rule about kinds of tokens that a refused token breaks (RFC 8725, section 3.12). Names claims, never their values.
///
/// ```
/// use claviger_core::error::KindRule;
///
/// assert_eq!(KindRule::Claim("token_use").to_string(), "its claim `token_use` names another kind of token");
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum KindRule {
    /// `typ` of the header is not one that the profile accepts.
    HeaderType,
    /// This claim, or its value, belongs to another kind of token.
    Claim(&'static str),
    /// No claim marks an access token.
    NoMark,
    /// This claim is not as [`access_token_claim`](crate::Issuer::with_access_token_claim) demands.
    AccessTokenClaim(String),
}

impl fmt::Display for KindRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::HeaderType => f.write_str("`typ` of its header is not accepted"),
            Self::Claim(name @ ("at_hash" | "c_hash" | "s_hash")) => write!(f, "its claim `{name}` marks an ID token"),
            Self::Claim("nonce") => f.write_str("its claim `nonce` marks an ID token (`allow_nonce` accepts it)"),
            Self::Claim("events") => f.write_str("its claim `events` marks a logout token or a security event token"),
            Self::Claim(name) => write!(f, "its claim `{name}` names another kind of token"),
            Self::NoMark => f.write_str("none of its claims marks an access token"),
            Self::AccessTokenClaim(name) => {
                write!(f, "its claim `{name}` is not as `access_token_claim` demands")
            }
        }
    }
}
