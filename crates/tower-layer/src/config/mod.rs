//! What the operator says: in code, or in a file of any serde format; checked as a whole.

mod address;
mod answers;
mod auth_config;
mod builder;
mod certificate;
mod dpop;
mod issuer;
mod keys;
mod nearest;
mod places;
#[cfg(feature = "providers")]
mod provider;
mod proxies;
mod read;
mod redis;
mod replay;
mod resource;
mod secret;
mod section;
mod served;
mod sources;
mod target;
#[cfg(feature = "toml")]
mod toml;

pub(crate) use address::Address;
pub(crate) use auth_config::Anonymous;
pub use auth_config::AuthConfig;
pub(crate) use auth_config::Settings;
pub use builder::AuthConfigBuilder;
pub use certificate::CertificateSettings;
pub(crate) use dpop::Dpop;
