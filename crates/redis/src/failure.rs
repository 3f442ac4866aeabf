//! Why Redis was of no use, beside what it says itself.

use std::time::Duration;

use thiserror::Error;

#[derive(Debug, Error)]
#[error("Redis gave no answer within {0:?}")]
pub(crate) struct NoAnswer(pub(crate) Duration);

/// In bytes.
#[derive(Debug, Error)]
#[error("a key snapshot has more than {0} bytes")]
pub(crate) struct TooLarge(pub(crate) usize);
