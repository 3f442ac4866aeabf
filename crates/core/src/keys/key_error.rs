//! Why a fetch brought no keys.

use std::error::Error;
use std::fmt;

use crate::keys::FetchError;
use crate::keys::document::Unreadable;
use crate::keys::skipped::Skipped;

/// Why a fetch brought no keys. Its text is for the log: it holds addresses. What a health route may show is the
/// [`kind`](Self::kind).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct KeyError {
    kind: KeyErrorKind,
    detail: String,
    skipped: Vec<Skipped>,
}

/// The closed list of classes of [`KeyError`], a label for metrics and health routes.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum KeyErrorKind {
    /// No connection, or it broke.
    Transport,
    /// The deadline passed.
    Deadline,
    /// The address is private, loopback or link-local, and the issuer was found at run time.
    NotPublic,
    /// A document is larger than the limit.
    TooLarge,
    /// The answer has another status than 200.
    Status,
    /// The metadata cannot be used: no strict JSON, or without what it must have.
    Metadata,
    /// The metadata is another issuer's: a fault of the configuration.
    IssuerMismatch,
    /// The key set cannot be used: no strict JSON, too many keys, or none that is usable.
    KeySet,
    /// The token that the issuer wants to see cannot be read.
    Credentials,
    /// The fetch was broken off, or could not begin.
    Aborted,
}

impl KeyError {
    pub(crate) fn new(kind: KeyErrorKind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into(), skipped: Vec::new() }
    }

    /// Of a document that is no key set, or one without a usable key.
    pub(crate) fn of_key_set(unreadable: Unreadable) -> Self {
        let error = Self::new(KeyErrorKind::KeySet, unreadable.to_string());
        match unreadable {
            Unreadable::NoUsableKey(skipped) => Self { skipped, ..error },
            Unreadable::NoJson(_) | Unreadable::NoKeySet | Unreadable::TooManyKeys { .. } => error,
        }
    }

    pub(crate) fn of_fetch(url: impl fmt::Display, error: &FetchError) -> Self {
        let kind = match error {
            FetchError::Transport(_) => KeyErrorKind::Transport,
            FetchError::Deadline => KeyErrorKind::Deadline,
            FetchError::NotPublic(_) => KeyErrorKind::NotPublic,
            FetchError::TooLarge { .. } => KeyErrorKind::TooLarge,
        };
        Self::new(kind, format!("{url}: {error}"))
    }

    /// The keys of a set without a usable one.
    pub(crate) fn skipped(&self) -> &[Skipped] {
        &self.skipped
    }

    /// The class of it.
    #[must_use]
    pub fn kind(&self) -> KeyErrorKind {
        self.kind
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl Error for KeyError {}

impl KeyErrorKind {
    /// Whether an issuer, or the proxy before it, answers like this while it comes up.
    pub(crate) const fn may_pass_soon(self) -> bool {
        match self {
            Self::Transport | Self::Status | Self::Metadata | Self::KeySet => true,
            Self::Deadline
            | Self::NotPublic
            | Self::TooLarge
            | Self::IssuerMismatch
            | Self::Credentials
            | Self::Aborted => false,
        }
    }

    /// The label, in lower case with underscores.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Transport => "transport",
            Self::Deadline => "deadline",
            Self::NotPublic => "not_public",
            Self::TooLarge => "too_large",
            Self::Status => "status",
            Self::Metadata => "metadata",
            Self::IssuerMismatch => "issuer_mismatch",
            Self::KeySet => "key_set",
            Self::Credentials => "credentials",
            Self::Aborted => "aborted",
        }
    }
}
