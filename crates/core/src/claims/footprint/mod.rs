//! Reading claims as a type of the application, and how much memory that type takes.
//!
//! Types differ by far: one byte of JSON may become nothing, or hundreds of bytes. What serde asks a deserializer for says
//! the size of each value, element and entry, so counting those gives what was allocated, up to what allocators and growing
//! lists add.

mod count;
mod counted;

use serde::de::DeserializeOwned;

use crate::claims::footprint::count::Count;
use crate::claims::footprint::counted::Counted;

/// Reads `payload` as serde_json does, with the bytes that the value takes, itself included: not less than half of what
/// was allocated, for a type that allocates no more than it reads.
///
/// # Errors
///
/// Those of serde_json.
pub(crate) fn read<C: DeserializeOwned>(payload: &str) -> serde_json::Result<(C, usize)> {
    let count = Count::default();
    let mut deserializer = serde_json::Deserializer::from_str(payload);
    let claims = C::deserialize(Counted::new(&mut deserializer, &count))?;
    deserializer.end()?;
    Ok((claims, count.bytes()))
}

#[cfg(test)]
mod tests;
