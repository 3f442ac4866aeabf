//! Stage 7: may a believed token do this?
//!
//! Only who holds a [`VerifiedToken`](crate::VerifiedToken) can ask, so authorization cannot come first. A policy is
//! built from scopes that were checked, and decides as a pure function of the token.

mod policy;
mod set;

pub use policy::Missing;
pub use policy::ScopePolicy;
pub use set::InvalidScope;
pub use set::Scopes;
