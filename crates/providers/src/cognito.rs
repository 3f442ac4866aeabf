//! Amazon Cognito: access tokens of a user pool.
//!
//! **What must be right.** `user_pool` is the pool's id, which begins with its region. Its issuer is of one of two types,
//! which the pool's issuer configuration tells: [`issuer`] is for `ORIGINAL`, [`updated_issuer`] for `UPDATED`. Access
//! tokens have no `aud` unless a resource was asked for; what stands for it is `client_id`, so `client_id` must list the
//! app clients whose users may come ([`add_audience`](Issuer::add_audience) adds one). `token_use` must be `access`: the ID
//! token is for the client.
//!
//! Emulators have ids such as `local_Ab12`, and issuers at an address of their own: [`emulator_issuer`].
//!
//! Sources: <https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html>,
//! <https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_IssuerConfigurationType.html>.

use claviger_core::Algorithm;
use claviger_core::AudienceRule;
use claviger_core::Issuer;
use claviger_core::Profile;
use serde::Deserialize;

use crate::arguments::Arguments;
use crate::redacted::redacted;

/// The user pool of this id: `https://cognito-idp.REGION.amazonaws.com/POOL`.
///
/// ```
/// use claviger_core::Verifier;
/// use claviger_providers::cognito;
///
/// let issuer = cognito::issuer("eu-west-1_Ab12Cd34E", "1example23456789");
/// let issuers: Vec<_> = Verifier::builder(issuer).issuers().map(str::to_owned).collect();
/// assert_eq!(issuers, ["https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab12Cd34E"]);
/// ```
pub fn issuer(user_pool: &str, client_id: impl Into<String>) -> Issuer {
    at("cognito-idp", user_pool, client_id)
}

/// The same, where the pool's issuer is of the type `UPDATED`, as pools have it that are replicated to other regions:
/// `https://issuer-cognito-idp.REGION.amazonaws.com/POOL`, with the pool's first region.
///
/// ```
/// use claviger_core::Verifier;
/// use claviger_providers::cognito;
///
/// let issuer = cognito::updated_issuer("eu-west-1_Ab12Cd34E", "1example23456789");
/// let issuers: Vec<_> = Verifier::builder(issuer).issuers().map(str::to_owned).collect();
/// assert_eq!(issuers, ["https://issuer-cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab12Cd34E"]);
/// ```
pub fn updated_issuer(user_pool: &str, client_id: impl Into<String>) -> Issuer {
    at("issuer-cognito-idp", user_pool, client_id)
}

/// The user pool of this id at an emulator: `BASE_URL/POOL`, where `base_url` is what the emulator writes before the id into
/// `iss`. Plain http is for loopback hosts, unless [`with_insecure_http`](Issuer::with_insecure_http) allows it.
///
/// The keys are at `BASE_URL/POOL/.well-known/jwks.json`: the metadata of cognito-local name another host than its tokens.
///
/// ```
/// use claviger_core::Verifier;
/// use claviger_providers::cognito;
///
/// let issuer = cognito::emulator_issuer("http://localhost:9229", "local_3Xs7kQ9d", "1example23456789");
/// let issuers: Vec<_> = Verifier::builder(issuer).issuers().map(str::to_owned).collect();
/// assert_eq!(issuers, ["http://localhost:9229/local_3Xs7kQ9d"]);
/// ```
pub fn emulator_issuer(base_url: &str, user_pool: &str, client_id: impl Into<String>) -> Issuer {
    let mut arguments = Arguments::default();
    let base = arguments.base_url("base_url", base_url);
    let pool = arguments.matching("user_pool", user_pool, region(user_pool).is_some(), POOL_RULE);
    let issuer = format!("{base}/{pool}");
    let keys = format!("{issuer}/.well-known/jwks.json");
    arguments.of(access_tokens(issuer, client_id).with_jwks_uri(keys))
}

fn at(host: &str, user_pool: &str, client_id: impl Into<String>) -> Issuer {
    let mut arguments = Arguments::default();
    let pool = arguments.matching("user_pool", user_pool, region(user_pool).is_some(), POOL_RULE);
    // China is a partition of its own, with another domain.
    let region = region(pool).unwrap_or("invalid");
    let domain = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
    arguments.of(access_tokens(format!("https://{host}.{region}.{domain}/{pool}"), client_id))
}

fn access_tokens(issuer: String, client_id: impl Into<String>) -> Issuer {
    Issuer::new(issuer, client_id)
        .with_profile(Profile::Jwt)
        .with_algorithms([Algorithm::Rs256])
        .with_audience_rule(AudienceRule::ClientId)
        .bind_claim("token_use", "access")
}

fn region(user_pool: &str) -> Option<&str> {
    let (region, id) = user_pool.split_once('_')?;
    let is_region = (region.contains('-') || region == EMULATED)
        && region.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    let is_id = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (is_region && is_id).then_some(region)
}

const POOL_RULE: &str = "must be the id of a user pool, such as `eu-west-1_Ab12Cd34E`";

/// What emulators have for a region.
const EMULATED: &str = "local";

/// What an access token of Cognito says.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct Claims {
    /// The user; for client credentials the client.
    pub sub: String,
    /// The app client.
    pub client_id: String,
    /// The user's name in the pool; `None` for client credentials.
    pub username: Option<String>,
    /// Scopes, separated by spaces.
    pub scope: Option<String>,
    /// The user's groups.
    #[serde(default, rename = "cognito:groups")]
    pub groups: Vec<String>,
}

redacted!(Claims);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_pool_tells_its_region() {
        for (pool, expected) in [
            ("eu-west-1_Ab12Cd34E", Some("eu-west-1")),
            ("us-gov-west-1_Ab1", Some("us-gov-west-1")),
            ("local_3Xs7kQ9d", Some("local")),
            ("locale_3Xs7kQ9d", None),
            ("EU-WEST-1_Ab1", None),
            ("eu-west-1", None),
            ("eu-west-1_", None),
            ("eu-west-1_a/b", None),
            ("eu.west_Ab1", None),
            ("", None),
        ] {
            assert_eq!(region(pool), expected, "{pool:?}");
        }
    }
}
