//! Text from outside, made safe for a log line.

use std::fmt;

/// At most [`MAX_CHARS`] characters of untrusted text, control characters escaped.
#[derive(Clone, Eq, PartialEq)]
pub(crate) struct Excerpt(Box<str>);

impl Excerpt {
    pub(crate) fn of(text: &str) -> Self {
        let mut excerpt: String = text.chars().take(MAX_CHARS).flat_map(char::escape_debug).collect();
        if text.chars().nth(MAX_CHARS).is_some() {
            excerpt.push('…');
        }
        Self(excerpt.into())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0)
    }
}

impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

const MAX_CHARS: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_escaped() {
        assert_eq!(Excerpt::of("a\r\nb\u{1b}\"").as_str(), "a\\r\\nb\\u{1b}\\\"");
    }

    #[test]
    fn long_text_is_cut() {
        assert_eq!(Excerpt::of(&"x".repeat(100_000)).as_str().chars().count(), MAX_CHARS + 1);
    }
}
