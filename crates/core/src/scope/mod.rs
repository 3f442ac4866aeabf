//! Stage 8: may a believed token do this?
//!
//! Only who holds a [`VerifiedToken`](crate::VerifiedToken) can ask, so authorization cannot come first. A policy is
//! checked when it is built, and decides as a pure function of the token (and of the path's parameters, where it
//! compares them).

mod invalid;
mod missing;
mod need;
mod policy;
mod remedy;

pub use invalid::InvalidPolicy;
pub use missing::Missing;
pub use missing::StepUp;
pub use policy::ScopePolicy;
