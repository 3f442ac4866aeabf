//! Stage 2: who may have signed.
//!
//! An issuer is found by its exact name before any network is touched; what it may sign, and for whom, are its own
//! rules and no other issuer's.

mod audience_rule;
mod key_location;
mod options;
mod profile;
mod registry;
mod rules;
mod template;
mod tenancy;

pub use audience_rule::AudienceRule;
pub(crate) use key_location::KeyLocation;
pub use options::Issuer;
pub(crate) use options::NamedBy;
pub use profile::Profile;
pub(crate) use registry::Registry;
pub(crate) use rules::IssuerRules;
pub(crate) use rules::is_loopback;
pub(crate) use template::Template;
pub(crate) use template::is_meant_for;
pub(crate) use tenancy::Tenancy;
