//! Three error types for three listeners.
//!
//! [`ConfigError`] tells the operator at start-up, all problems at once. [`VerifyError`] tells the log why a token was
//! refused. [`Refusal`] is all that a client may hear. [`Reason`] is the closed list of labels that they share.

mod config;
mod excerpt;
mod failure;
mod kind_rule;
mod names;
mod reason;
mod refusal;
mod verify;

pub use config::ConfigError;
pub use config::Problem;
pub use config::Problems;
pub(crate) use excerpt::Excerpt;
pub(crate) use excerpt::json_excerpt;
pub use failure::Failure;
pub use kind_rule::KindRule;
pub use names::NameSample;
pub use reason::Reason;
pub use refusal::Refusal;
pub use verify::TokenFacts;
pub use verify::VerifyError;
