//! Strict JSON: one object, no repeated names, bounded nesting, sound strings.
//!
//! A document is read once, and what RFC 8259 leaves to the reader and RFC 8725 does not is refused on the way. Values
//! are handed on as the slices they stand in, so numbers of any size pass unread and nothing is copied.

mod scanner;

#[cfg(test)]
mod second_parser;

use std::borrow::Cow;
use std::ops::Range;

use crate::token::json::scanner::Scanner;

/// Reads `document` as one strict JSON object and shows each of its members, name and raw value, to `member`.
///
/// # Errors
///
/// What is wrong, in words: the document is no JSON object, repeats a name at any depth, nests deeper than
/// [`MAX_DEPTH`], or holds a string that is no Unicode text.
pub(crate) fn object<'a>(document: &'a str, mut member: impl FnMut(&str, &'a str)) -> Result<(), &'static str> {
    Scanner::new(document).whole_object(&mut member)
}

/// Shows each element of `raw`, a value that [`object`] has shown, to `element`. `None` if it is no array.
pub(crate) fn elements<'a>(raw: &'a str, mut element: impl FnMut(&'a str)) -> Option<()> {
    Scanner::new(raw).whole_array(&mut element).ok()
}

/// Reads `raw` as a string, borrowed where it has no escapes.
pub(crate) fn string(raw: &str) -> Option<Cow<'_, str>> {
    let plain = raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    match plain {
        Some(plain) if !plain.contains('\\') => Some(Cow::Borrowed(plain)),
        Some(_) => serde_json::from_str::<String>(raw).ok().map(Cow::Owned),
        None => None,
    }
}

/// Whether `raw`, a JSON value, is a number.
pub(crate) fn is_number(raw: &str) -> bool {
    raw.starts_with(|first: char| first == '-' || first.is_ascii_digit())
}

/// A string value: where it stands in its document, or its own text if it was escaped there.
#[derive(Clone, Debug)]
pub(crate) enum Text {
    At(Range<usize>),
    Unescaped(Box<str>),
}

impl Text {
    /// `None` if `raw`, a slice of `document`, is no string.
    pub(crate) fn read(document: &str, raw: &str) -> Option<Self> {
        Some(match string(raw)? {
            Cow::Borrowed(text) => {
                let start = text.as_ptr().addr() - document.as_ptr().addr();
                Self::At(start..start + text.len())
            }
            Cow::Owned(text) => Self::Unescaped(text.into()),
        })
    }

    /// The text; `document` is the one it was read from.
    pub(crate) fn within<'a>(&'a self, document: &'a str) -> &'a str {
        match self {
            Self::At(range) => document.get(range.clone()).unwrap_or_default(),
            Self::Unescaped(text) => text,
        }
    }
}

/// The outer object counts as one.
pub(crate) const MAX_DEPTH: usize = 32;

#[cfg(test)]
mod tests {
    use proptest::collection;
    use proptest::prelude::*;
    use proptest::sample;

    use super::scanner::FEW_NAMES;
    use super::scanner::NO_OBJECT;
    use super::scanner::REPEATED_NAME;
    use super::scanner::RESERVED_NAME;
    use super::scanner::TOO_DEEP;
    use super::scanner::UNSOUND_STRING;
    use super::*;

    fn check(document: &str) -> Result<(), &'static str> {
        object(document, |_, _| {})
    }

    #[test]
    fn members_are_shown_in_order_with_their_raw_values() {
        let mut seen = Vec::new();
        object(r#" {"a": 1e400, "b" : {"c":[true]} } "#, |name, raw| seen.push((name.to_owned(), raw))).unwrap();
        assert_eq!(seen, [("a".to_owned(), "1e400"), ("b".to_owned(), r#"{"c":[true]}"#)]);
    }

    #[test]
    fn only_an_object_is_an_object() {
        for document in
            ["", " ", "null", "1", "\"a\"", "[]", "{", "{}x", "{}{}", "\u{feff}{}", "{\"a\":01}", "{\"a\":\"\t\"}"]
        {
            assert_eq!(check(document), Err(NO_OBJECT), "{document:?}");
        }
    }

    #[test]
    fn repeated_names_are_refused_at_any_depth_and_in_any_spelling() {
        for document in
            [r#"{"a":1,"a":1}"#, r#"{"a":1,"\u0061":2}"#, r#"{"x":{"a":1,"b":2,"a":3}}"#, r#"{"x":[{"a":1,"a":1}]}"#]
        {
            assert_eq!(check(document), Err(REPEATED_NAME), "{document}");
        }
        assert_eq!(check(r#"{"a":{"a":{"a":1}},"b":{"a":1}}"#), Ok(()));
        for count in [2, FEW_NAMES, FEW_NAMES + 1, 1000] {
            let distinct = (0..count).map(|at| format!("\"{at}\":1")).collect::<Vec<_>>().join(",");
            assert_eq!(check(&format!("{{{distinct}}}")), Ok(()), "{count}");
            assert_eq!(check(&format!("{{{distinct},\"0\":1}}")), Err(REPEATED_NAME), "{count}");
        }
    }

    #[test]
    fn thirty_two_levels_pass_and_one_more_does_not() {
        let nested = |levels: usize| format!("{}1{}", "{\"a\":".repeat(levels), "}".repeat(levels));
        assert_eq!(check(&nested(32)), Ok(()));
        assert_eq!(check(&nested(33)), Err(TOO_DEEP));
        assert_eq!(check(&format!("{{\"a\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000))), Err(TOO_DEEP));
    }

    #[test]
    fn lone_surrogates_are_refused_and_nul_is_not() {
        assert_eq!(check(r#"{"a":"\ud800"}"#), Err(UNSOUND_STRING));
        assert_eq!(check(r#"{"a":{"b":["\udc00"]}}"#), Err(UNSOUND_STRING));
        assert_eq!(check(r#"{"a":"\u0000\ud83d\ude00"}"#), Ok(()));
    }

    #[test]
    fn names_with_a_meaning_of_the_parsers_own_are_refused() {
        let disguised = r#"{"a":{"$serde_json::private::RawValue":"true"}}"#;
        assert_eq!(check(disguised), Err(RESERVED_NAME));
        assert_eq!(check(r#"{"a":[{"\u0024serde_json::private::Number":"1"}]}"#), Err(RESERVED_NAME));
    }

    #[test]
    fn text_is_found_again_in_its_document() {
        let document = r#"{"a":"plain","b":"esc\u0061ped","c":1}"#;
        let mut found = Vec::new();
        object(document, |_, raw| found.push(Text::read(document, raw))).unwrap();
        let texts: Vec<_> = found.iter().map(|text| text.as_ref().map(|text| text.within(document))).collect();
        assert_eq!(texts, [Some("plain"), Some("escaped"), None]);
    }

    /// Objects with everything that JSON has, and some things that it has not.
    fn values() -> impl Strategy<Value = String> {
        let blanks = || sample::select(&["", "", "", " ", "\t", "\r\n "]);
        let strings = sample::select(STRINGS).prop_map(str::to_owned);
        let others = sample::select(OTHERS).prop_map(str::to_owned);
        prop_oneof![strings.clone(), others].prop_recursive(4, 32, 6, move |value| {
            let spaced =
                (blanks(), value, blanks()).prop_map(|(before, value, behind)| [before, &value, behind].concat());
            let member = (blanks(), strings.clone(), blanks(), spaced.clone())
                .prop_map(|(before, name, behind, value)| format!("{before}{name}{behind}:{value}"));
            prop_oneof![
                collection::vec(spaced, 0..4).prop_map(|elements| format!("[{}]", elements.join(","))),
                collection::vec(member, 0..6).prop_map(|members| format!("{{{}}}", members.join(","))),
            ]
        })
    }

    /// Something at some place of a document that may stand there or not.
    fn edits() -> impl Strategy<Value = Option<(sample::Index, usize, &'static str)>> {
        proptest::option::of((any::<sample::Index>(), 0..2_usize, sample::select(EDITS)))
    }

    const STRINGS: &[&str] = &[
        r#""""#,
        r#""a""#,
        r#""\u0061""#,
        r#""b""#,
        r#""quoted \" and \\""#,
        r#""\ud83d\ude00 \/\b\f\n\r\t""#,
        r#""\ud800""#,
        r#""\x""#,
        r#""\u00g0""#,
        "\"a name that is longer than eight octets\"",
        "\"grüße \u{1f600}\"",
        "\"\u{7f}\u{80}\"",
        "\"\u{1f}\"",
        "\"$serde_json::private::Number\"",
    ];
    const OTHERS: &[&str] = &[
        "true",
        "false",
        "null",
        "True",
        "nul",
        "0",
        "-0",
        "-1",
        "12",
        "01",
        "-",
        "+1",
        "1.",
        ".5",
        "1.5",
        "1e5",
        "1E+05",
        "1e",
        "1e-",
        "1e400",
        "NaN",
        "123456789012345678901234567890.5e-7",
    ];
    const EDITS: &[&str] =
        &["", "{", "}", "[", "]", ",", ":", "\"", "\\", "1", "e", ".", "-", " ", "\0", "\u{feff}", "a"];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]

        #[test]
        fn a_second_parser_reads_the_same(value in values(), edit in edits()) {
            let mut document = value;
            if let Some((at, gone, come)) = edit {
                let starts: Vec<usize> = document.char_indices().map(|(at, _)| at).chain([document.len()]).collect();
                let first = at.index(starts.len());
                let last = (first + gone).min(starts.len() - 1);
                document.replace_range(starts[first]..starts[last], come);
            }
            let mut members = Vec::new();
            let read = object(&document, |name, raw| members.push((name.to_owned(), raw)));
            prop_assert_eq!(read.ok().map(|()| members), second_parser::members(&document));
        }
    }
}
