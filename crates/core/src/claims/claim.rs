//! A registered claim in its three states.

use crate::error::Failure;

/// A claim of a certain type: a wrong type is a state of its own, because to take it for absence skips its check
/// (CVE-2026-25537).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) enum Claim<T> {
    /// Not there, or `null`.
    #[default]
    Absent,
    /// There, and of its type.
    Valid(T),
    /// There, and of another type.
    Invalid,
}

impl<T> Claim<T> {
    /// `None` in `read` says that the value is of another type.
    pub(crate) fn read(raw: &str, read: impl FnOnce(&str) -> Option<T>) -> Self {
        if raw == "null" {
            return Self::Absent;
        }
        read(raw).map_or(Self::Invalid, Self::Valid)
    }

    pub(crate) fn map<'a, U>(&'a self, map: impl FnOnce(&'a T) -> U) -> Claim<U> {
        match self {
            Self::Absent => Claim::Absent,
            Self::Valid(value) => Claim::Valid(map(value)),
            Self::Invalid => Claim::Invalid,
        }
    }

    pub(crate) fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// The value, where the claim has one; for readers behind the checks.
    pub(crate) fn valid(self) -> Option<T> {
        match self {
            Self::Valid(value) => Some(value),
            Self::Absent | Self::Invalid => None,
        }
    }

    /// # Errors
    ///
    /// [`Failure::WrongClaim`] if the claim is of another type.
    pub(crate) fn optional(self, name: &str) -> Result<Option<T>, Failure> {
        match self {
            Self::Absent => Ok(None),
            Self::Valid(value) => Ok(Some(value)),
            Self::Invalid => Err(Failure::wrong_claim(name)),
        }
    }

    /// # Errors
    ///
    /// [`Failure::MissingClaim`] if it is absent, [`Failure::WrongClaim`] if it is of another type.
    pub(crate) fn required(self, name: &str) -> Result<T, Failure> {
        self.optional(name)?.ok_or_else(|| Failure::missing_claim(name))
    }
}
