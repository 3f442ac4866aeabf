//! Which of the configured audiences a token must name.

use std::str::FromStr;

/// Which of the configured audiences a token must name.
///
/// ```
/// use claviger_core::AudienceRule;
///
/// assert_eq!(AudienceRule::default(), AudienceRule::Any);
/// assert_eq!("client_id".parse(), Ok(AudienceRule::ClientId));
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum AudienceRule {
    /// At least one of ours. The default.
    #[default]
    Any,
    /// All of ours.
    All,
    /// One of ours; and where `aud` is absent, the first present of `client_id`, `cid`, `azp` and `appid` is one of ours
    /// (Amazon Cognito, Clerk, WorkOS).
    ClientId,
}

impl FromStr for AudienceRule {
    type Err = &'static str;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "any" => Ok(Self::Any),
            "all" => Ok(Self::All),
            "client_id" => Ok(Self::ClientId),
            _ => Err("must be \"any\", \"all\" or \"client_id\""),
        }
    }
}
