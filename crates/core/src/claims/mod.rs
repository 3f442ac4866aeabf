//! Stage 5: what the token says, against what this API demands.
//!
//! A registered claim is absent, valid or invalid; invalid is never taken for absent. All checks of one token against
//! one issuer's rules are one pure function of both and the time.

mod actor;
mod audience;
mod check;
mod claim;
mod claim_set;
mod confirmation;
pub(crate) mod footprint;
mod hierarchy;
mod kind;
mod members;
mod names;
mod organizations;
mod scopes;
mod shape;

pub use actor::Actor;
pub use actor::ActorChain;
pub(crate) use check::accepting_profile;
pub(crate) use check::check;
pub(crate) use check::check_times;
pub(crate) use claim::Claim;
pub(crate) use claim_set::ClaimSet;
pub(crate) use claim_set::numeric_date;
pub(crate) use confirmation::Confirmation;
pub use hierarchy::ScopeHierarchy;
pub(crate) use kind::KindClaims;
pub(crate) use kind::KindHints;
pub use scopes::InvalidScope;
pub use scopes::Scopes;

pub(crate) use members::bind;
pub(crate) use members::find;
pub(crate) use members::require;
pub(crate) use names::contains;
pub use organizations::Organization;
pub use organizations::Organizations;
pub(crate) use shape::explain;
