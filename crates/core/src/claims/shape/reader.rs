//! A deserializer over the raw text of claims whose errors name the way to the value.

use std::borrow::Cow;

use serde::Deserializer;
use serde::de::DeserializeSeed;
use serde::de::MapAccess;
use serde::de::SeqAccess;
use serde::de::Visitor;
use serde::de::value::CowStrDeserializer;
use serde::de::value::MapAccessDeserializer;
use serde::de::value::MapDeserializer;
use serde::de::value::StrDeserializer;
use serde::forward_to_deserialize_any;

use crate::claims::shape::error::ShapeError;
use crate::claims::shape::error::Step;
use crate::token::json;

/// A JSON value in its raw text, which was read strictly before: it is sound, and not nested too deep.
#[derive(Clone, Copy)]
pub(super) struct Reader<'de> {
    raw: &'de str,
    is_root: bool,
}

/// The members of an object.
struct Members<'de> {
    rest: std::vec::IntoIter<(String, &'de str)>,
    current: Option<(String, &'de str)>,
    names: Names,
}

/// Which names of members may be shown.
#[derive(Clone, Copy)]
enum Names {
    /// Those of claims: they belong to the kind of token and not to its subject.
    All,
    /// The fields of a struct.
    Fields(&'static [&'static str]),
    /// None: in a map they are data.
    None,
}

struct Elements<'de> {
    rest: std::iter::Enumerate<std::vec::IntoIter<&'de str>>,
}

/// The name of a member, which serde_json turns into a number where a number is asked for.
struct Key<'a>(&'a str);

impl<'de> Reader<'de> {
    pub(super) fn root(raw: &'de str) -> Self {
        Self { raw, is_root: true }
    }

    fn within(raw: &'de str) -> Self {
        Self { raw, is_root: false }
    }

    fn text(self) -> Option<Cow<'de, str>> {
        json::string(self.raw)
    }

    /// `None` if it is not an object.
    fn members(self, names: Names) -> Option<Members<'de>> {
        let mut members = Vec::new();
        json::object(self.raw, |name, raw| members.push((name.to_owned(), raw))).ok()?;
        let names = if self.is_root { Names::All } else { names };
        Some(Members { rest: members.into_iter(), current: None, names })
    }

    fn elements(self) -> Option<Elements<'de>> {
        let mut elements = Vec::new();
        json::elements(self.raw, |raw| elements.push(raw))?;
        Some(Elements { rest: elements.into_iter().enumerate() })
    }

    fn visit<V: Visitor<'de>>(self, names: Names, visitor: V) -> Result<V::Value, ShapeError> {
        if let Some(members) = self.members(names) {
            return visitor.visit_map(members);
        }
        if let Some(elements) = self.elements() {
            return visitor.visit_seq(elements);
        }
        match (self.text(), self.raw) {
            (Some(Cow::Borrowed(text)), _) => visitor.visit_borrowed_str(text),
            (Some(Cow::Owned(text)), _) => visitor.visit_string(text),
            (None, "null") => visitor.visit_unit(),
            (None, "true") => visitor.visit_bool(true),
            (None, "false") => visitor.visit_bool(false),
            (None, number) => visit_number(number, visitor),
        }
    }
}

impl<'de> Deserializer<'de> for Reader<'de> {
    type Error = ShapeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ShapeError> {
        self.visit(Names::None, visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ShapeError> {
        self.visit(Names::Fields(fields), visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ShapeError> {
        if self.raw == "null" { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, ShapeError> {
        // serde_json's `RawValue` asks for its text under a name of its own, and fits every value.
        if name == RAW_VALUE {
            return visitor.visit_map(MapDeserializer::new(std::iter::once((RAW_VALUE, self.raw))));
        }
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ShapeError> {
        match (self.text(), self.members(Names::Fields(variants))) {
            (Some(text), _) => visitor.visit_enum(CowStrDeserializer::new(text)),
            (None, Some(members)) => visitor.visit_enum(MapAccessDeserializer::new(members)),
            (None, None) => self.deserialize_any(visitor),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map identifier ignored_any
    }
}

impl Members<'_> {
    fn step(&self, name: &str) -> Step {
        let is_shown = match self.names {
            Names::All => true,
            Names::Fields(fields) => fields.contains(&name),
            Names::None => false,
        };
        if is_shown { Step::Field(name.into()) } else { Step::Member }
    }
}

impl<'de> MapAccess<'de> for Members<'de> {
    type Error = ShapeError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, ShapeError> {
        let Some((name, raw)) = self.rest.next() else {
            return Ok(None);
        };
        let key = seed.deserialize(Key(&name)).map_err(|error| error.at(self.step(&name)))?;
        self.current = Some((name, raw));
        Ok(Some(key))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, ShapeError> {
        let (name, raw) = self.current.take().ok_or_else(ShapeError::rejected)?;
        seed.deserialize(Reader::within(raw)).map_err(|error| error.at(self.step(&name)))
    }
}

impl<'de> SeqAccess<'de> for Elements<'de> {
    type Error = ShapeError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, ShapeError> {
        let Some((index, raw)) = self.rest.next() else {
            return Ok(None);
        };
        seed.deserialize(Reader::within(raw)).map(Some).map_err(|error| error.at(Step::Index(index)))
    }
}

/// The methods by which numbers are asked for.
macro_rules! numbers {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ShapeError> {
            if json::is_number(self.0) { visit_number(self.0, visitor) } else { visitor.visit_str(self.0) }
        }
    )*};
}

impl<'de> Deserializer<'de> for Key<'_> {
    type Error = ShapeError;

    numbers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128 deserialize_f32 deserialize_f64
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ShapeError> {
        visitor.visit_str(self.0)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ShapeError> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, ShapeError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ShapeError> {
        visitor.visit_enum(StrDeserializer::new(self.0))
    }

    forward_to_deserialize_any! {
        bool char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

/// As serde_json: whole numbers of 64 bits as they are, and everything else as `f64`.
fn visit_number<'de, V: Visitor<'de>>(number: &str, visitor: V) -> Result<V::Value, ShapeError> {
    if let Ok(number) = number.parse() {
        return visitor.visit_u64(number);
    }
    if let Ok(number) = number.parse() {
        return visitor.visit_i64(number);
    }
    visitor.visit_f64(number.parse().unwrap_or(f64::NAN))
}

const RAW_VALUE: &str = "$serde_json::private::RawValue";
