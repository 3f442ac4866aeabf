//! Why claims do not fit a type of the application, without a value of theirs.
//!
//! serde_json's own error quotes the values that it trips over ("invalid type: integer `5`"), and what a type says itself
//! by `Error::custom` may hold anything. So claims that did not fit are read once more by a deserializer whose error can
//! hold nothing but what the type expects and where. It is off the path of good tokens.

mod error;
mod reader;

use serde::de::DeserializeOwned;

use crate::claims::shape::error::ShapeError;
use crate::claims::shape::reader::Reader;

/// Says in words why `payload`, a strict JSON object that serde_json could not read as `C`, does not fit it: the field and
/// what it is expected to be.
pub(crate) fn explain<C: DeserializeOwned>(payload: &str) -> String {
    match C::deserialize(Reader::root(payload)) {
        Err(error) => error.to_string(),
        // What serde_json alone refuses: a number beyond `f64`.
        Ok(_) => ShapeError::rejected().to_string(),
    }
}

#[cfg(test)]
mod tests;
