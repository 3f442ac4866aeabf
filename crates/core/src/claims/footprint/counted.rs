//! A deserializer that counts what it is asked for, and what follows from it: visitors, elements, entries, variants. They
//! make each other, so they stand in one file.

use std::fmt;

use serde::Deserializer;
use serde::de::DeserializeSeed;
use serde::de::EnumAccess;
use serde::de::Error;
use serde::de::MapAccess;
use serde::de::SeqAccess;
use serde::de::VariantAccess;
use serde::de::Visitor;

use crate::claims::footprint::count::Count;

/// A deserializer or a seed, and the count of what comes out of it.
pub(super) struct Counted<'c, T> {
    inner: T,
    count: &'c Count,
}

impl<'c, T> Counted<'c, T> {
    pub(super) fn new(inner: T, count: &'c Count) -> Self {
        Self { inner, count }
    }
}

impl<'de, T: DeserializeSeed<'de>> DeserializeSeed<'de> for Counted<'_, T> {
    type Value = T::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        self.inner.deserialize(Counted::new(deserializer, self.count))
    }
}

/// Each method hands on to its namesake, with a visitor that counts.
macro_rules! hand_on {
    ($($method:ident($($argument:ident: $type:ty),*);)*) => {
        $(fn $method<V: Visitor<'de>>(self, $($argument: $type,)* visitor: V) -> Result<V::Value, Self::Error> {
            self.count.value::<V::Value>();
            self.inner.$method($($argument,)* CountedVisitor::new(visitor, self.count, Entries::OfMap))
        })*
    };
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Counted<'_, D> {
    type Error = D::Error;

    hand_on! {
        deserialize_any();
        deserialize_bool();
        deserialize_i8();
        deserialize_i16();
        deserialize_i32();
        deserialize_i64();
        deserialize_i128();
        deserialize_u8();
        deserialize_u16();
        deserialize_u32();
        deserialize_u64();
        deserialize_u128();
        deserialize_f32();
        deserialize_f64();
        deserialize_char();
        deserialize_str();
        deserialize_string();
        deserialize_bytes();
        deserialize_byte_buf();
        deserialize_option();
        deserialize_unit();
        deserialize_unit_struct(name: &'static str);
        deserialize_newtype_struct(name: &'static str);
        deserialize_seq();
        deserialize_tuple(length: usize);
        deserialize_tuple_struct(name: &'static str, length: usize);
        deserialize_map();
        deserialize_enum(name: &'static str, variants: &'static [&'static str]);
    }

    /// Its fields stand in the struct itself.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        self.count.value::<V::Value>();
        self.inner.deserialize_struct(name, fields, CountedVisitor::new(visitor, self.count, Entries::OfStruct))
    }

    /// The name of a field or variant, of which nothing stays.
    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        self.inner.deserialize_identifier(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        self.inner.deserialize_ignored_any(visitor)
    }

    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }
}

/// A visitor, and the count of what it is given.
pub(super) struct CountedVisitor<'c, V> {
    inner: V,
    count: &'c Count,
    entries: Entries,
}

/// Where the entries of a JSON object go.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Entries {
    /// Into room of their own.
    OfMap,
    /// Into a value that was counted.
    OfStruct,
}

impl<'c, V> CountedVisitor<'c, V> {
    pub(super) fn new(inner: V, count: &'c Count, entries: Entries) -> Self {
        Self { inner, count, entries }
    }
}

/// What has a fixed size was counted with the value that is made of it.
macro_rules! forward {
    ($($method:ident($type:ty);)*) => {
        $(fn $method<E: Error>(self, value: $type) -> Result<Self::Value, E> {
            self.inner.$method(value)
        })*
    };
}

impl<'de, V: Visitor<'de>> Visitor<'de> for CountedVisitor<'_, V> {
    type Value = V::Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.expecting(formatter)
    }

    forward! {
        visit_bool(bool);
        visit_i8(i8);
        visit_i16(i16);
        visit_i32(i32);
        visit_i64(i64);
        visit_i128(i128);
        visit_u8(u8);
        visit_u16(u16);
        visit_u32(u32);
        visit_u64(u64);
        visit_u128(u128);
        visit_f32(f32);
        visit_f64(f64);
        visit_char(char);
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        self.count.text(text.len());
        self.inner.visit_str(text)
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        self.count.text(text.len());
        self.inner.visit_borrowed_str(text)
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Self::Value, E> {
        self.count.text(text.capacity());
        self.inner.visit_string(text)
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Self::Value, E> {
        self.count.text(bytes.len());
        self.inner.visit_bytes(bytes)
    }

    fn visit_borrowed_bytes<E: Error>(self, bytes: &'de [u8]) -> Result<Self::Value, E> {
        self.count.text(bytes.len());
        self.inner.visit_borrowed_bytes(bytes)
    }

    fn visit_byte_buf<E: Error>(self, bytes: Vec<u8>) -> Result<Self::Value, E> {
        self.count.text(bytes.capacity());
        self.inner.visit_byte_buf(bytes)
    }

    fn visit_none<E: Error>(self) -> Result<Self::Value, E> {
        self.inner.visit_none()
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        self.inner.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        self.inner.visit_some(Counted::new(deserializer, self.count))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        self.inner.visit_newtype_struct(Counted::new(deserializer, self.count))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, elements: A) -> Result<Self::Value, A::Error> {
        self.inner.visit_seq(CountedElements::new(elements, self.count))
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<Self::Value, A::Error> {
        self.inner.visit_map(CountedEntries::new(entries, self.count, self.entries))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, variant: A) -> Result<Self::Value, A::Error> {
        self.inner.visit_enum(CountedVariant::new(variant, self.count))
    }
}

/// The elements of a list.
pub(super) struct CountedElements<'c, A> {
    inner: A,
    count: &'c Count,
    is_first: bool,
}

impl<'c, A> CountedElements<'c, A> {
    pub(super) fn new(inner: A, count: &'c Count) -> Self {
        Self { inner, count, is_first: true }
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for CountedElements<'_, A> {
    type Error = A::Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Self::Error> {
        let element = self.inner.next_element_seed(Counted::new(seed, self.count))?;
        if element.is_some() {
            self.count.element::<T::Value>(self.is_first);
            self.is_first = false;
        }
        Ok(element)
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint()
    }
}

/// The entries of a map, or the fields of a struct.
pub(super) struct CountedEntries<'c, A> {
    inner: A,
    count: &'c Count,
    entries: Entries,
    is_first: bool,
    /// Of the key that was taken last.
    key_size: usize,
}

impl<'c, A> CountedEntries<'c, A> {
    pub(super) fn new(inner: A, count: &'c Count, entries: Entries) -> Self {
        Self { inner, count, entries, is_first: true, key_size: 0 }
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for CountedEntries<'_, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Self::Error> {
        self.key_size = size_of::<K::Value>();
        match self.entries {
            Entries::OfMap => self.inner.next_key_seed(Counted::new(seed, self.count)),
            Entries::OfStruct => self.inner.next_key_seed(seed),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Self::Error> {
        let value = self.inner.next_value_seed(Counted::new(seed, self.count))?;
        if self.entries == Entries::OfMap {
            self.count.entry(self.key_size + size_of::<V::Value>(), self.is_first);
            self.is_first = false;
        }
        Ok(value)
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint()
    }
}

/// A variant of an enum, and what stands in it.
pub(super) struct CountedVariant<'c, A> {
    inner: A,
    count: &'c Count,
}

impl<'c, A> CountedVariant<'c, A> {
    pub(super) fn new(inner: A, count: &'c Count) -> Self {
        Self { inner, count }
    }
}

impl<'de, 'c, A: EnumAccess<'de>> EnumAccess<'de> for CountedVariant<'c, A> {
    type Error = A::Error;
    type Variant = CountedVariant<'c, A::Variant>;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self::Variant), Self::Error> {
        let (name, inner) = self.inner.variant_seed(seed)?;
        Ok((name, CountedVariant { inner, count: self.count }))
    }
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for CountedVariant<'_, A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), Self::Error> {
        self.inner.unit_variant()
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Self::Error> {
        self.inner.newtype_variant_seed(Counted::new(seed, self.count))
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Self::Error> {
        self.inner.tuple_variant(length, CountedVisitor::new(visitor, self.count, Entries::OfMap))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        self.inner.struct_variant(fields, CountedVisitor::new(visitor, self.count, Entries::OfStruct))
    }
}
