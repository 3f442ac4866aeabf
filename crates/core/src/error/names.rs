//! A few names out of many, for the log.

use std::fmt;
use std::sync::Arc;

use crate::error::Excerpt;

/// Up to five names out of any number: allowed issuers, ids of keys. Each is cut to 128 characters, and control characters
/// are escaped. Cloning is cheap.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct NameSample {
    names: Arc<[Box<str>]>,
    /// How many there are in all.
    count: usize,
}

impl NameSample {
    /// The first five.
    pub(crate) fn of<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let mut names = names.into_iter();
        let shown: Arc<[Box<str>]> = names.by_ref().take(MOST).map(|name| Excerpt::of(name).as_str().into()).collect();
        Self { count: shown.len() + names.count(), names: shown }
    }

    /// The names of the sample.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|name| &**name)
    }

    /// How many names there are, those that are not in the sample too.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }
}

impl fmt::Display for NameSample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, name) in self.names.iter().enumerate() {
            let comma = if at > 0 { ", " } else { "" };
            write!(f, "{comma}\"{name}\"")?;
        }
        match self.count - self.names.len() {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

const MOST: usize = 5;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_names_are_shown_and_the_rest_is_counted() {
        let names = ["a", "b\n", "c", "d", "e", "f", "g"];
        assert_eq!(NameSample::of([]).to_string(), "");
        assert_eq!(NameSample::of(["a"]).to_string(), "\"a\"");
        assert_eq!(NameSample::of(names.into_iter().take(2)).to_string(), "\"a\", \"b\\n\"");
        let all = NameSample::of(names);
        assert_eq!(all.to_string(), "\"a\", \"b\\n\", \"c\", \"d\", \"e\" and 2 more");
        assert_eq!((all.iter().count(), all.count()), (5, 7));
        assert!(NameSample::default().is_empty() && !all.is_empty());
    }

    #[test]
    fn a_long_name_is_cut() {
        assert!(NameSample::of([&*"x".repeat(100_000)]).to_string().len() < 200);
    }
}
