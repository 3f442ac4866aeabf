//! Cloudflare Access: the tokens that it adds to the requests it lets through.
//!
//! **What must be right.** `team` is the first part of the team domain, `TEAM.cloudflareaccess.com`. `audience` is the
//! *Application Audience (AUD) Tag* of the application in front of this API: all applications of the team are signed by
//! the same keys, so the tag alone keeps their users apart. An API behind several applications lists them by
//! [`add_audience`](Issuer::add_audience). `type` must be `app`: the global session token of the team (`org`) opens
//! nothing. And the API must not be reachable past Cloudflare with a token that somebody has kept: they are good for as
//! long as the session, a day unless set otherwise.
//!
//! Tokens come in the field [`HEADER`], and from browsers in the cookie [`COOKIE`] besides. The field is asked first, and
//! a bad field is not rescued by a good cookie:
//!
//! ```
//! use claviger::AuthConfig;
//! use claviger::TokenSource;
//! use claviger_providers::cloudflare_access;
//!
//! let tag = "32eafc7626e974616deaf0dc3ce63d7bcbed58a2731e84d06bc3cdf1b53c4228";
//! let cfg = AuthConfig::builder(cloudflare_access::issuer("my-team", tag))
//!     .with_sources([
//!         TokenSource::header(cloudflare_access::HEADER),
//!         TokenSource::cookie(cloudflare_access::COOKIE),
//!     ])
//!     .with_hosts(["reports.example.com"])
//!     .build()?;
//! # let _ = cfg;
//! # Ok::<(), claviger::error::ConfigError>(())
//! ```
//!
//! In a configuration file that is
//! `sources = [{ header = "Cf-Access-Jwt-Assertion" }, { cookie = "CF_Authorization" }]`. CORS preflights carry neither:
//! have Access answer them.
//!
//! Handlers take [`Principal`], a user or a service. Groups and devices are not in the token; [`Identities`] asks for them.
//!
//! Sources: <https://developers.cloudflare.com/cloudflare-one/identity/authorization-cookie/application-token/>,
//! <https://developers.cloudflare.com/cloudflare-one/identity/authorization-cookie/validating-json/>.

#[cfg(feature = "development")]
mod development;
mod identities;
mod identity;
mod kept;
mod principal;

use claviger_core::Algorithm;
use claviger_core::Issuer;
use claviger_core::Profile;

use crate::arguments::Arguments;

#[cfg(feature = "development")]
pub use development::DevelopmentIdentity;
#[cfg(feature = "development")]
pub use development::NoDevelopmentIdentity;
pub use identities::Identities;
pub use identities::IdentityError;
pub use identity::Geography;
pub use identity::Identity;
pub use identity::IdentityProvider;
pub use principal::Principal;
pub use principal::Service;
pub use principal::User;

/// The application with this audience tag of this team: `https://TEAM.cloudflareaccess.com`.
///
/// ```
/// use claviger_core::Verifier;
/// use claviger_providers::cloudflare_access;
///
/// let wrong = cloudflare_access::issuer("my-team.cloudflareaccess.com", "32eafc76");
/// let error = Verifier::builder(wrong).build().unwrap_err();
/// assert_eq!(error.problems()[0].path(), "issuers[0].team");
/// ```
pub fn issuer(team: &str, audience: impl Into<String>) -> Issuer {
    let mut arguments = Arguments::default();
    let origin = origin(&mut arguments, team);
    let certificates = format!("{origin}/cdn-cgi/access/certs");
    let issuer = Issuer::new(origin, audience).with_jwks_uri(certificates).with_algorithms([Algorithm::Rs256]);
    arguments.of(application_tokens(issuer))
}

/// The field that Access adds to every request it lets through.
pub const HEADER: &str = "Cf-Access-Jwt-Assertion";

/// The cookie that browsers send besides.
pub const COOKIE: &str = "CF_Authorization";

fn application_tokens(issuer: Issuer) -> Issuer {
    issuer.with_profile(Profile::Identity).bind_claim("type", "app")
}

fn origin(arguments: &mut Arguments, team: &str) -> String {
    let is_inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let is_team = team.bytes().all(is_inner) && !team.starts_with('-');
    let rule = "must be the team's name alone: small letters, digits and `-`";
    format!("https://{}.cloudflareaccess.com", arguments.matching("team", team, is_team, rule))
}
