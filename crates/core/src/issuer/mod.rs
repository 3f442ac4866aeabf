//! Stage 2: who may have signed.
//!
//! An issuer is found by its exact name before any network is touched; what it may sign, and for whom, are its own
//! rules and no other issuer's.

mod audience_rule;
mod claim_path;
mod documents;
mod key_location;
mod named;
mod options;
mod profile;
mod registry;
mod resolver;
mod rules;
mod stand_in;
mod template;
mod tenancy;

pub use audience_rule::AudienceRule;
pub use claim_path::ClaimPath;
pub(crate) use claim_path::Form;
pub(crate) use documents::Documents;
pub(crate) use key_location::KeyLocation;
pub use options::Issuer;
pub(crate) use options::NamedBy;
pub use profile::Profile;
pub(crate) use profile::is_same_type;
pub(crate) use profile::media_subtype;
pub(crate) use registry::Registry;
pub use resolver::AllowedIssuers;
pub use resolver::IssuerQuery;
pub use resolver::IssuerResolver;
pub use resolver::RequestParts;
pub use resolver::ResolverFuture;
pub use resolver::UnverifiedIssuer;
pub(crate) use rules::AccessTokenClaim;
pub(crate) use rules::IssuerRules;
pub use rules::is_loopback;
pub(crate) use template::Template;
pub(crate) use template::is_meant_for;
pub(crate) use tenancy::Tenancy;
