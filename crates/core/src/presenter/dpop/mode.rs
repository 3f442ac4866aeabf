//! Which tokens are taken, by which scheme.

use std::str::FromStr;

use crate::presenter::TokenScheme;

/// Which schemes an API takes, and whether its tokens must be bound (RFC 9449, section 7).
///
/// Whatever is said here, a token that is bound to a key or a certificate is never taken from a plain bearer.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum DpopMode {
    /// Bearer and DPoP. The default.
    #[default]
    Allowed,
    /// DPoP alone.
    Required,
    /// Bearer alone; `DPoP` fields are not looked at.
    Disabled,
    /// Bearer and DPoP, and every token must be bound: to a DPoP key or to a certificate.
    Bound,
}

impl DpopMode {
    /// Whether tokens are taken by this scheme.
    #[must_use]
    pub const fn accepts(self, scheme: TokenScheme) -> bool {
        match scheme {
            TokenScheme::Bearer => !matches!(self, Self::Required),
            TokenScheme::Dpop => !matches!(self, Self::Disabled),
        }
    }
}

impl FromStr for DpopMode {
    type Err = &'static str;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "allowed" => Ok(Self::Allowed),
            "required" => Ok(Self::Required),
            "disabled" => Ok(Self::Disabled),
            "bound" => Ok(Self::Bound),
            _ => Err("must be \"allowed\", \"required\", \"disabled\" or \"bound\""),
        }
    }
}
