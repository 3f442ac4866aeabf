//! Reads JSON (RFC 8259) from the first octet to the last, once.

use std::borrow::Cow;

use smallvec::SmallVec;

use crate::token::json::MAX_DEPTH;

/// What is wrong, in words.
type Fault = &'static str;

/// What is shown of an object: the name and the raw value of each member.
type Member<'f, 'a> = &'f mut dyn FnMut(&str, &'a str);

/// Reads forward through a document.
pub(super) struct Scanner<'a> {
    document: &'a str,
    at: usize,
    /// The member names of all objects that are open; those of a usual access token need no allocation.
    names: SmallVec<[Cow<'a, str>; FEW_NAMES]>,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(document: &'a str) -> Self {
        Self { document, at: 0, names: SmallVec::new() }
    }

    /// The document is one object and nothing else.
    pub(super) fn whole_object(mut self, member: Member<'_, 'a>) -> Result<(), Fault> {
        self.skip_blanks();
        self.object(1, member)?;
        self.end()
    }

    /// The document is one array and nothing else.
    pub(super) fn whole_array(mut self, element: &mut dyn FnMut(&'a str)) -> Result<(), Fault> {
        self.skip_blanks();
        self.array(1, element)?;
        self.end()
    }

    fn end(&mut self) -> Result<(), Fault> {
        self.skip_blanks();
        if self.at == self.document.len() { Ok(()) } else { Err(NO_OBJECT) }
    }

    fn object(&mut self, depth: usize, member: Member<'_, 'a>) -> Result<(), Fault> {
        let before = self.names.len();
        self.open(b'{', depth)?;
        if !self.take(b'}') {
            loop {
                self.skip_blanks();
                let name = self.name()?;
                self.skip_blanks();
                self.expect(b':')?;
                let value = self.value(depth)?;
                member(&name, value);
                // Values go on the same stack of names, so a nested object has taken its own off again.
                self.names.push(name);
                if !self.goes_on(b'}')? {
                    break;
                }
            }
        }
        if has_repeated(self.names.get_mut(before..).unwrap_or_default()) {
            return Err(REPEATED_NAME);
        }
        self.names.truncate(before);
        Ok(())
    }

    fn array(&mut self, depth: usize, element: &mut dyn FnMut(&'a str)) -> Result<(), Fault> {
        self.open(b'[', depth)?;
        if !self.take(b']') {
            loop {
                element(self.value(depth)?);
                if !self.goes_on(b']')? {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Within objects and arrays nested `depth` deep; blanks may stand before it.
    fn value(&mut self, depth: usize) -> Result<&'a str, Fault> {
        self.skip_blanks();
        let start = self.at;
        match self.peek() {
            Some(b'"') if self.take_plain_string() => {}
            Some(b'"') => drop(self.other_string()?),
            Some(b'{') => self.object(depth + 1, &mut |_, _| {})?,
            Some(b'[') => self.array(depth + 1, &mut |_| {})?,
            Some(b't') => self.literal("true")?,
            Some(b'f') => self.literal("false")?,
            Some(b'n') => self.literal("null")?,
            _ => self.number()?,
        }
        self.since(start)
    }

    #[inline]
    fn name(&mut self) -> Result<Cow<'a, str>, Fault> {
        let start = self.at;
        let name = if self.take_plain_string() {
            self.document.get(start + 1..self.at - 1).map(Cow::Borrowed).ok_or(NO_OBJECT)?
        } else {
            Cow::Owned(self.other_string()?)
        };
        if name.starts_with(RESERVED) { Err(RESERVED_NAME) } else { Ok(name) }
    }

    /// Takes a string without escapes, if one stands here.
    #[inline]
    fn take_plain_string(&mut self) -> bool {
        let Some((b'"', inside)) = self.rest().split_first() else { return false };
        let length = plain_octets(inside);
        let is_plain = inside.get(length) == Some(&b'"');
        if is_plain {
            self.at += length + 2;
        }
        is_plain
    }

    #[cold]
    fn other_string(&mut self) -> Result<String, Fault> {
        let start = self.at;
        self.expect(b'"')?;
        self.at += plain_octets(self.rest());
        while self.take(b'\\') {
            // Whatever is escaped is no end of the string.
            self.at += 1;
            self.at += plain_octets(self.rest());
        }
        self.expect(b'"')?;
        serde_json::from_str(self.since(start)?).map_err(|_| UNSOUND_STRING)
    }

    fn number(&mut self) -> Result<(), Fault> {
        self.take(b'-');
        if !self.take(b'0') {
            self.digits()?;
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            let _ = self.take(b'+') || self.take(b'-');
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), Fault> {
        let count = self.rest().iter().take_while(|octet| octet.is_ascii_digit()).count();
        self.at += count;
        if count > 0 { Ok(()) } else { Err(NO_OBJECT) }
    }

    fn literal(&mut self, word: &str) -> Result<(), Fault> {
        if !self.rest().starts_with(word.as_bytes()) {
            return Err(NO_OBJECT);
        }
        self.at += word.len();
        Ok(())
    }

    fn open(&mut self, bracket: u8, depth: usize) -> Result<(), Fault> {
        self.expect(bracket)?;
        self.skip_blanks();
        if depth > MAX_DEPTH { Err(TOO_DEEP) } else { Ok(()) }
    }

    /// Behind a member or an element: whether another one follows.
    fn goes_on(&mut self, bracket: u8) -> Result<bool, Fault> {
        self.skip_blanks();
        if self.take(b',') {
            return Ok(true);
        }
        self.expect(bracket)?;
        Ok(false)
    }

    fn expect(&mut self, octet: u8) -> Result<(), Fault> {
        if self.peek() != Some(octet) {
            return Err(NO_OBJECT);
        }
        self.at += 1;
        Ok(())
    }

    fn take(&mut self, octet: u8) -> bool {
        let is_there = self.peek() == Some(octet);
        // A branch, which the processor foresees; what is added up would have to be waited for.
        if is_there {
            self.at += 1;
        }
        is_there
    }

    fn skip_blanks(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.document.as_bytes().get(self.at).copied()
    }

    fn rest(&self) -> &'a [u8] {
        self.document.as_bytes().get(self.at..).unwrap_or_default()
    }

    fn since(&self, start: usize) -> Result<&'a str, Fault> {
        self.document.get(start..self.at).ok_or(NO_OBJECT)
    }
}

/// How many octets stand before a quote, a backslash or a control character, or before the end. Eight are looked at
/// together: what is lower than a bound borrows from its highest bit, and the lowest octet that has borrowed is a true one.
fn plain_octets(octets: &[u8]) -> usize {
    let (words, rest) = octets.as_chunks();
    for (before, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let (quote, backslash) = (word ^ of_each(b'"'), word ^ of_each(b'\\'));
        let borrowed =
            word.wrapping_sub(of_each(0x20)) | quote.wrapping_sub(of_each(1)) | backslash.wrapping_sub(of_each(1));
        let special = borrowed & !word & of_each(0x80);
        if special != 0 {
            return before * 8 + special.trailing_zeros() as usize / 8;
        }
    }
    let is_special = |octet: &u8| matches!(octet, 0..0x20 | b'"' | b'\\');
    octets.len() - rest.len() + rest.iter().position(is_special).unwrap_or(rest.len())
}

const fn of_each(octet: u8) -> u64 {
    u64::from_le_bytes([octet; 8])
}

/// Few names differ in their marks already, which is faster told than their order; many must not cost a square.
fn has_repeated(names: &mut [Cow<'_, str>]) -> bool {
    if names.len() > FEW_NAMES {
        names.sort_unstable();
        return names.windows(2).any(|pair| pair.first() == pair.last());
    }
    let mut marks = 0;
    names.iter().enumerate().any(|(at, name)| {
        let mark = mark(name);
        let is_new = marks & mark == 0;
        marks |= mark;
        !is_new && names.iter().take(at).any(|earlier| earlier == name)
    })
}

/// One bit, the same for equal names.
fn mark(name: &str) -> u64 {
    let octets = name.as_bytes();
    let ends = octets.first().zip(octets.last()).map_or(0, |(first, last)| u32::from(*first) + 5 * u32::from(*last));
    1_u64.rotate_left(ends)
}

pub(super) const FEW_NAMES: usize = 20;

/// serde_json takes an object with such a member for something else when it reads it into a `Value`.
const RESERVED: &str = "$serde_json::private::";

pub(super) const NO_OBJECT: Fault = "a part is no JSON object";
pub(super) const REPEATED_NAME: Fault = "a JSON member name is repeated";
pub(super) const RESERVED_NAME: Fault = "a JSON member has a name that the parser keeps for itself";
pub(super) const TOO_DEEP: Fault = "JSON nests deeper than 32";
pub(super) const UNSOUND_STRING: Fault = "a JSON string is no Unicode text";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_the_plain_part_of_a_string_is_found_wherever_it_stands() {
        for length in 0..40 {
            for at in 0..length {
                for special in [b'"', b'\\', 0, 0x1f] {
                    // Behind the first one anything may stand.
                    for (before, behind) in [(b' ', b'"'), (0x7f, 0x80), (0xff, 0), (b'!', b'#'), (b'[', b']')] {
                        let mut octets = vec![before; length];
                        octets[at] = special;
                        octets[at + 1..].fill(behind);
                        assert_eq!(plain_octets(&octets), at, "{octets:?}");
                    }
                }
            }
            assert_eq!(plain_octets(&vec![0x20; length]), length);
        }
    }
}
