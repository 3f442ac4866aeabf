//! A second parser, over serde_json, which judges the first.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::Deserializer;
use serde::de::MapAccess;
use serde::de::SeqAccess;
use serde::de::Visitor;
use serde_json::value::RawValue;

use crate::token::json::MAX_DEPTH;
use crate::token::json::string;

/// The members of `document`, if it is one strict JSON object.
pub(super) fn members(document: &str) -> Option<Vec<(String, &str)>> {
    let mut members = Vec::new();
    walk_object(document, 1, &mut |name, raw| members.push((name.to_owned(), raw)))?;
    Some(members)
}

fn walk(raw: &str, depth: usize) -> Option<()> {
    match raw.as_bytes().first() {
        Some(b'{') => walk_object(raw, depth, &mut |_, _| {}),
        Some(b'[') => walk_array(raw, depth),
        Some(b'"') => string(raw).map(|_| ()),
        _ => Some(()),
    }
}

fn walk_object<'a>(raw: &'a str, depth: usize, member: &mut dyn FnMut(&str, &'a str)) -> Option<()> {
    let (mut names, mut is_sound) = (Vec::new(), depth <= MAX_DEPTH);
    let visitor = Members(|name: Cow<'a, str>, value: &'a str| {
        member(&name, value);
        is_sound &= !name.starts_with("$serde_json::private::") && walk(value, depth + 1).is_some();
        names.push(name);
    });
    let mut json = serde_json::Deserializer::from_str(raw);
    json.deserialize_map(visitor).and_then(|()| json.end()).ok()?;
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    (is_sound && names.len() == count).then_some(())
}

fn walk_array(raw: &str, depth: usize) -> Option<()> {
    let mut is_sound = depth <= MAX_DEPTH;
    let visitor = Elements(|value| is_sound &= walk(value, depth + 1).is_some());
    serde_json::Deserializer::from_str(raw).deserialize_seq(visitor).ok()?;
    is_sound.then_some(())
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
