//! What can be wrong with a policy.

use thiserror::Error;

use crate::claims::InvalidScope;

/// A policy that cannot be meant.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum InvalidPolicy {
    /// One of its scopes is none.
    #[error(transparent)]
    Scope(#[from] InvalidScope),
    /// A list has nothing in it. What any believed token may do is said by
    /// [`ScopePolicy::authenticated`](crate::ScopePolicy::authenticated).
    #[error("a list with nothing in it demands nothing; say so by `authenticated` if it is meant")]
    Empty,
    /// A permission, a role, or the name of a claim or parameter is blank.
    #[error("the name of a {0} is blank")]
    Blank(&'static str),
    /// An `acr` value could not stand in a challenge.
    #[error("{0:?} is no `acr` value: it must be printable ASCII without spaces, quotes and backslashes")]
    Acr(String),
    /// A maximum age of less than a second is never met.
    #[error("a maximum age must be at least one second")]
    MaxAge,
}
