//! Keys of a set that are not used.

use std::fmt;
use std::mem;
use std::sync::Mutex;
use std::sync::PoisonError;

use thiserror::Error;

use crate::error::Excerpt;
use crate::keys::jwk::Unusable;

/// A key that is not used, and why.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Skipped {
    key_id: Option<Excerpt>,
    why: Why,
}

#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
enum Why {
    #[error(transparent)]
    Unusable(Unusable),
    #[error("another key has the same `kid` and type")]
    Ambiguous,
}

impl Skipped {
    pub(super) fn unusable(key_id: Option<Excerpt>, why: Unusable) -> Self {
        Self { key_id, why: Why::Unusable(why) }
    }

    /// One of several keys that cannot be told apart.
    pub(super) fn ambiguous(key_id: Option<Excerpt>) -> Self {
        Self { key_id, why: Why::Ambiguous }
    }

    fn log(&self, issuer: &str) {
        let (key_id, why) = (self.key_id.as_ref().map(Excerpt::as_str), &self.why);
        match why {
            // Both are the issuer's fault, and somebody there has to act.
            Why::Ambiguous => tracing::error!(issuer, key_id, %why, "dropped all keys of one `kid` and type"),
            Why::Unusable(Unusable::Private) => tracing::error!(issuer, key_id, %why, "skipped a key of the set"),
            Why::Unusable(_) => tracing::warn!(issuer, key_id, %why, "skipped a key of the set"),
        }
    }
}

impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.key_id {
            Some(key_id) => write!(f, "key {key_id:?}: {}", self.why),
            None => write!(f, "a key without `kid`: {}", self.why),
        }
    }
}

/// Why none of these keys is used, to stand behind a sentence; nothing if there are none.
pub(super) struct Reasons<'a>(pub(super) &'a [Skipped]);

impl fmt::Display for Reasons<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, skipped) in self.0.iter().take(MAX_REASONS).enumerate() {
            write!(f, "{}{skipped}", if at == 0 { ": " } else { "; " })?;
        }
        match self.0.len().saturating_sub(MAX_REASONS) {
            0 => Ok(()),
            more => write!(f, "; and {more} more"),
        }
    }
}

/// Logs the keys that are not used: once, and again when others are not.
#[derive(Debug, Default)]
pub(crate) struct SkippedLog {
    last: Mutex<Vec<Skipped>>,
}

impl SkippedLog {
    pub(crate) fn log(&self, issuer: &str, skipped: &[Skipped]) {
        let before = {
            let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
            mem::replace(&mut *last, skipped.to_vec())
        };
        if before != skipped {
            skipped.iter().for_each(|skipped| skipped.log(issuer));
        }
    }
}

/// An error text stands in each line of the log that tells of it.
const MAX_REASONS: usize = 3;
