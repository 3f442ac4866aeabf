//! A set of scopes (RFC 6749, section 3.3).

use std::fmt;

use thiserror::Error;

/// Scopes in the order they were given, each once; compared whole and by case.
///
/// ```
/// use claviger_core::Scopes;
///
/// let scopes = Scopes::new(["read:reports", "write:reports"])?;
/// assert!(scopes.contains("read:reports"));
/// assert!(!scopes.contains("read"));
/// assert_eq!(scopes.to_string(), "read:reports write:reports");
/// assert!(Scopes::new(["read reports"]).is_err());
/// # Ok::<(), claviger_core::InvalidScope>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Scopes {
    words: Vec<Box<str>>,
}

impl Scopes {
    /// The set of these scopes, each a single one.
    ///
    /// # Errors
    ///
    /// [`InvalidScope`] if one is empty or has a character that RFC 6749 does not allow in a scope: a space, a quote, a
    /// backslash, control characters, and whatever is not ASCII.
    pub fn new<S: AsRef<str>>(scopes: impl IntoIterator<Item = S>) -> Result<Self, InvalidScope> {
        let mut set = Self::default();
        for scope in scopes {
            set.add(scope.as_ref())?;
        }
        Ok(set)
    }

    /// Whether this very scope is in the set.
    #[must_use]
    pub fn contains(&self, scope: &str) -> bool {
        self.iter().any(|word| word == scope)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// The scopes, in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(|word| &**word)
    }

    /// Returns those that `is_wanted`, in the same order.
    pub(crate) fn only(&self, is_wanted: impl Fn(&str) -> bool) -> Self {
        Self { words: self.words.iter().filter(|word| is_wanted(word)).cloned().collect() }
    }

    /// Adds what is in `other` and was not in here.
    pub fn extend(&mut self, other: &Self) {
        for word in other.iter().filter(|word| !self.contains(word)).map(Box::from).collect::<Vec<_>>() {
            self.words.push(word);
        }
    }

    fn add(&mut self, scope: &str) -> Result<(), InvalidScope> {
        let is_scope_token = |byte: u8| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
        if scope.is_empty() || !scope.bytes().all(is_scope_token) {
            return Err(InvalidScope { scope: scope.to_owned() });
        }
        if !self.contains(scope) {
            self.words.push(scope.into());
        }
        Ok(())
    }
}

/// Separated by spaces, as in a challenge.
impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, word) in self.iter().enumerate() {
            if at > 0 {
                f.write_str(" ")?;
            }
            f.write_str(word)?;
        }
        Ok(())
    }
}

/// This is no scope of RFC 6749, section 3.3.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error(
    "{scope:?} is no scope: it must be printable ASCII without spaces, quotes and backslashes; give several one by one"
)]
#[non_exhaustive]
pub struct InvalidScope {
    /// What was given.
    pub scope: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_characters_of_the_rfc_make_a_scope() {
        for scope in ["", " ", "a b", "a\"b", "a\\b", "a\tb", "ä", "a\u{7f}"] {
            assert!(Scopes::new([scope]).is_err(), "{scope:?}");
        }
        for scope in ["a", "read:reports", "https://api.example/x?y=1", "!#[]~"] {
            assert!(Scopes::new([scope]).is_ok(), "{scope:?}");
        }
    }

    #[test]
    fn a_scope_given_twice_is_there_once() {
        assert_eq!(Scopes::new(["b", "a", "b"]).unwrap().to_string(), "b a");
    }
}
