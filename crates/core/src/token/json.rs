//! Strict JSON: one object, no repeated names, bounded nesting, sound strings.
//!
//! serde_json reads the grammar; what it tolerates and RFC 8725 does not is refused here. Values are handed on as the
//! slices they stand in, so numbers of any size pass unread and nothing is copied.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use serde::Deserialize;
use serde::Deserializer;
use serde::de::MapAccess;
use serde::de::SeqAccess;
use serde::de::Visitor;
use serde_json::value::RawValue;
use smallvec::SmallVec;

/// Reads `document` as one strict JSON object and shows each of its members, name and raw value, to `member`.
///
/// # Errors
///
/// What is wrong, in words: the document is no JSON object, repeats a name at any depth, nests deeper than
/// [`MAX_DEPTH`], or holds a string that is no Unicode text.
pub(crate) fn object<'a>(document: &'a str, mut member: impl FnMut(&str, &'a str)) -> Result<(), &'static str> {
    let mut names = Names::new();
    walk_object(document, 1, &mut names, &mut member)
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

/// The member names of all objects that are open; those of a usual access token need no allocation.
type Names<'a> = SmallVec<[Cow<'a, str>; 20]>;

fn walk<'a>(raw: &'a str, depth: usize, names: &mut Names<'a>) -> Result<(), &'static str> {
    match raw.as_bytes().first() {
        Some(b'{') => walk_object(raw, depth, names, &mut |_, _| {}),
        Some(b'[') => walk_array(raw, depth, names),
        Some(b'"') if string(raw).is_none() => Err(UNSOUND_STRING),
        _ => Ok(()),
    }
}

fn walk_object<'a>(
    raw: &'a str,
    depth: usize,
    names: &mut Names<'a>,
    member: &mut dyn FnMut(&str, &'a str),
) -> Result<(), &'static str> {
    if depth > MAX_DEPTH {
        return Err(TOO_DEEP);
    }
    let before = names.len();
    let mut fault = None;
    let visitor = Members(|name: Cow<'a, str>, value: &'a str| {
        member(&name, value);
        if name.starts_with(RESERVED) {
            fault.get_or_insert(RESERVED_NAME);
        }
        names.push(name);
        // Values go on the same stack of names, so a nested object takes its own off again.
        if let Err(found) = walk(value, depth + 1, names) {
            fault.get_or_insert(found);
        }
    });
    let mut json = serde_json::Deserializer::from_str(raw);
    json.deserialize_map(visitor).and_then(|()| json.end()).map_err(|_| NO_OBJECT)?;
    if has_repeated(names.get_mut(before..).unwrap_or_default()) {
        return Err(REPEATED_NAME);
    }
    names.truncate(before);
    fault.map_or(Ok(()), Err)
}

/// Few names differ in their lengths already, which is faster told than their order; many must not cost a square.
fn has_repeated(names: &mut [Cow<'_, str>]) -> bool {
    if names.len() <= FEW_NAMES {
        return names.iter().enumerate().any(|(at, name)| names.iter().take(at).any(|earlier| earlier == name));
    }
    names.sort_unstable();
    names.windows(2).any(|pair| pair.first() == pair.last())
}

fn walk_array<'a>(raw: &'a str, depth: usize, names: &mut Names<'a>) -> Result<(), &'static str> {
    if depth > MAX_DEPTH {
        return Err(TOO_DEEP);
    }
    let mut fault = None;
    let visitor = Elements(|value| {
        if let Err(found) = walk(value, depth + 1, names) {
            fault.get_or_insert(found);
        }
    });
    serde_json::Deserializer::from_str(raw).deserialize_seq(visitor).map_err(|_| NO_OBJECT)?;
    fault.map_or(Ok(()), Err)
}

struct Members<F>(F);

impl<'de, F: FnMut(Cow<'de, str>, &'de str)> Visitor<'de> for Members<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some((name, value)) = map.next_entry::<Name<'de>, &'de RawValue>()? {
            (self.0)(name.0, value.get());
        }
        Ok(())
    }
}

struct Elements<F>(F);

impl<'de, F: FnMut(&'de str)> Visitor<'de> for Elements<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON array")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut elements: A) -> Result<(), A::Error> {
        while let Some(value) = elements.next_element::<&'de RawValue>()? {
            (self.0)(value.get());
        }
        Ok(())
    }
}

/// serde's own `Cow` never borrows.
struct Name<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Name<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(NameVisitor)
    }
}

struct NameVisitor;

impl<'de> Visitor<'de> for NameVisitor {
    type Value = Name<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member name")
    }

    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Name<'de>, E> {
        Ok(Name(Cow::Borrowed(name)))
    }

    fn visit_str<E>(self, name: &str) -> Result<Name<'de>, E> {
        Ok(Name(Cow::Owned(name.to_owned())))
    }
}

const FEW_NAMES: usize = 20;

/// serde_json takes an object with such a member for something else when it reads it into a `Value`.
const RESERVED: &str = "$serde_json::private::";

const NO_OBJECT: &str = "a part is no JSON object";
const REPEATED_NAME: &str = "a JSON member name is repeated";
const RESERVED_NAME: &str = "a JSON member has a name that the parser keeps for itself";
const TOO_DEEP: &str = "JSON nests deeper than 32";
const UNSOUND_STRING: &str = "a JSON string is no Unicode text";

#[cfg(test)]
mod tests {
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
}
