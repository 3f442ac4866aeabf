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

/// Untrusted texts as JSON that may stand in a log line: one as a string, several as an array. Each has at most
/// [`MAX_CHARS`] characters, and there are at most [`MAX_TEXTS`].
pub(crate) fn json_excerpt<'a>(texts: impl Iterator<Item = &'a str>, is_list: bool) -> String {
    let cut = |text: &str| text.chars().take(MAX_CHARS).collect::<String>();
    let texts: Vec<_> = texts.take(MAX_TEXTS).map(cut).collect();
    let json = match texts.as_slice() {
        [one] if !is_list => serde_json::to_string(one),
        many => serde_json::to_string(many),
    };
    json.unwrap_or_default().chars().fold(String::new(), with_escape)
}

/// JSON leaves characters as they are that terminals act upon.
fn with_escape(mut line: String, character: char) -> String {
    if character != '\u{7f}' && (character.is_ascii() || character.escape_debug().len() == 1) {
        line.push(character);
        return line;
    }
    let units = character.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect::<String>();
    line + &units
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
const MAX_TEXTS: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_escaped() {
        assert_eq!(Excerpt::of("a\r\nb\u{1b}\"").as_str(), "a\\r\\nb\\u{1b}\\\"");
    }

    #[test]
    fn texts_are_json_on_one_line() {
        for (texts, is_list, json) in [
            (&["https://a.example"][..], false, r#""https://a.example""#),
            (&["https://a.example"], true, r#"["https://a.example"]"#),
            (&["a", "b"], true, r#"["a","b"]"#),
            (&[], true, "[]"),
            (
                &["a\"\\\n\u{1b}\u{7f}\u{9b}\u{2028}\u{202e}b\u{e4}\u{e0001}"],
                false,
                "\"a\\\"\\\\\\n\\u001b\\u007f\\u009b\\u2028\\u202eb\u{e4}\\udb40\\udc01\"",
            ),
        ] {
            let written = json_excerpt(texts.iter().copied(), is_list);
            assert_eq!(written, json);
            let read: serde_json::Value = serde_json::from_str(&written).unwrap();
            let expected = if is_list { serde_json::json!(texts) } else { serde_json::json!(texts[0]) };
            assert_eq!(read, expected);
        }
        let long = "x".repeat(100_000);
        assert!(json_excerpt([long.as_str(); 100].into_iter(), true).len() < 1100);
    }

    #[test]
    fn long_text_is_cut() {
        assert_eq!(Excerpt::of(&"x".repeat(100_000)).as_str().chars().count(), MAX_CHARS + 1);
    }
}
