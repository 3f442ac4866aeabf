//! Which of the fields that describe a request count.

use std::str::FromStr;

/// The fields in which the [trusted proxies](crate::AuthConfigBuilder::with_trusted_proxies) describe a request as its
/// client sent it.
///
/// A proxy must clear or overwrite the fields that are read; most proxies write one of the two families and pass on
/// what a client sends in the other, so naming the right one means that a client cannot contradict its proxy.
///
/// ```
/// use claviger::ForwardedFields;
///
/// assert_eq!("rfc7239".parse(), Ok(ForwardedFields::Rfc7239));
/// assert_eq!(ForwardedFields::default(), ForwardedFields::Both);
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum ForwardedFields {
    /// `X-Forwarded-For`, `X-Forwarded-Host` and `X-Forwarded-Proto`, which most proxies write.
    XForwarded,
    /// `Forwarded` (RFC 7239).
    Rfc7239,
    /// Both, as two accounts that add up and must not contradict each other. The default.
    #[default]
    Both,
}

impl FromStr for ForwardedFields {
    type Err = &'static str;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "x-forwarded" => Ok(Self::XForwarded),
            "rfc7239" => Ok(Self::Rfc7239),
            "both" => Ok(Self::Both),
            _ => Err("must be \"x-forwarded\", \"rfc7239\" or \"both\""),
        }
    }
}
