//! Stage 5: what the token says, against what this API demands.
//!
//! A registered claim is absent, valid or invalid; invalid is never taken for absent. All checks of one token against
//! one issuer's rules are one pure function of both and the time.

mod actor;
mod audience;
mod check;
mod claim;
mod claim_set;
mod hierarchy;
mod members;
mod names;
mod organizations;
mod scopes;

pub use actor::Actor;
mod shape;
pub use actor::ActorChain;
pub(crate) use check::check;
pub(crate) use check::check_times;
pub(crate) use claim::Claim;
pub(crate) use claim_set::ClaimSet;
pub(crate) use claim_set::Confirmation;
pub(crate) use claim_set::numeric_date;
pub use hierarchy::ScopeHierarchy;
pub use scopes::InvalidScope;
pub use scopes::Scopes;

pub(crate) use members::bind;
pub(crate) use members::find;
pub(crate) use members::require;
pub(crate) use names::contains;
pub use organizations::Organization;
pub use organizations::Organizations;
pub(crate) use shape::explain;
