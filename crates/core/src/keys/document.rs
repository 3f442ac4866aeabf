//! The text of a JWK set (RFC 7517, section 5): its usable keys, and those that are skipped.

use serde::Deserialize;
use serde_json::value::RawValue;
use thiserror::Error;

use crate::error::Excerpt;
use crate::keys::jwk::Jwk;
use crate::keys::jwk::Unusable;
use crate::token::json;

/// What a document holds: one usable key at least.
#[derive(Debug)]
pub(super) struct KeyDocument {
    pub(super) keys: Vec<Jwk>,
    pub(super) skipped: Vec<Skipped>,
}

impl KeyDocument {
    /// Takes each key by itself, so that one that cannot be used is never fatal.
    ///
    /// # Errors
    ///
    /// Why nothing of it is used: it is no strict JSON, no key set, too large, or without a usable key.
    pub(super) fn read(text: &str, max_keys: usize) -> Result<Self, Unreadable> {
        json::object(text, |_, _| {}).map_err(Unreadable::NoJson)?;
        let members: Members<'_> = serde_json::from_str(text).map_err(|_| Unreadable::NoKeySet)?;
        if members.keys.len() > max_keys {
            return Err(Unreadable::TooManyKeys { keys: members.keys.len(), limit: max_keys });
        }
        let mut document = Self { keys: Vec::with_capacity(members.keys.len()), skipped: Vec::new() };
        for raw in members.keys {
            match Jwk::read(raw.get()) {
                Ok(key) => document.keys.push(key),
                Err(why) => document.skipped.push(Skipped { key_id: key_id(raw.get()), why: Why::Unusable(why) }),
            }
        }
        document.settle();
        if document.keys.is_empty() { Err(Unreadable::NoUsableKey) } else { Ok(document) }
    }

    /// The same key given twice is one key for all that it may do; two different keys of one `kid` and type cannot be
    /// told apart, so neither is used.
    fn settle(&mut self) {
        let mut kept: Vec<Jwk> = Vec::with_capacity(self.keys.len());
        let mut ambiguous: Vec<Jwk> = Vec::new();
        for key in self.keys.drain(..) {
            if let Some(same) = kept.iter_mut().find(|other| other.is_same(&key)) {
                same.absorb(key);
            } else if let Some(at) = kept.iter().position(|other| other.shares_its_name_with(&key)) {
                ambiguous.push(kept.remove(at));
            } else if !ambiguous.iter().any(|other| other.shares_its_name_with(&key)) {
                kept.push(key);
            }
        }
        let skipped = |key: Jwk| Skipped { key_id: key.key_id().map(Excerpt::of), why: Why::Ambiguous };
        self.skipped.extend(ambiguous.into_iter().map(skipped));
        self.keys = kept;
    }
}

/// A key that is not used, for the log.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Skipped {
    key_id: Option<Excerpt>,
    why: Why,
}

#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
enum Why {
    #[error(transparent)]
    Unusable(Unusable),
    #[error("another key has the same `kid` and type")]
    Ambiguous,
}

impl Skipped {
    pub(super) fn log(&self, issuer: &str) {
        let (key_id, why) = (self.key_id.as_ref().map(Excerpt::as_str), &self.why);
        match why {
            Why::Unusable(_) => tracing::warn!(issuer, key_id, %why, "skipped a key of the set"),
            Why::Ambiguous => tracing::error!(issuer, key_id, %why, "dropped the keys of one name"),
        }
    }
}

/// Why a document is no key set that could be used.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub(crate) enum Unreadable {
    #[error("the key set is no strict JSON: {0}")]
    NoJson(&'static str),
    #[error("the document is no key set: it has no array `keys`")]
    NoKeySet,
    #[error("the key set has {keys} keys, more than the limit of {limit}")]
    TooManyKeys { keys: usize, limit: usize },
    #[error("the key set has no usable key")]
    NoUsableKey,
}

#[derive(Deserialize)]
struct Members<'a> {
    #[serde(borrow)]
    keys: Vec<&'a RawValue>,
}

fn key_id(jwk: &str) -> Option<Excerpt> {
    let mut key_id = None;
    json::object(jwk, |name, raw| {
        if name == "kid" {
            key_id = json::string(raw).map(|text| Excerpt::of(&text));
        }
    })
    .ok()?;
    key_id
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8037, appendix A.2, and RFC 7515, appendix A.3.1.
    const ED25519: &str = r#""kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo""#;
    const P256: &str = r#""kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0""#;
    /// The base point of edwards25519 (RFC 8032, section 5.1), another key.
    const OTHER_ED25519: &str = r#""kty":"OKP","crv":"Ed25519","x":"WGZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmY""#;

    fn read(keys: &[String]) -> KeyDocument {
        KeyDocument::read(&format!(r#"{{"keys":[{}]}}"#, keys.join(",")), 128).unwrap()
    }

    #[test]
    fn different_keys_of_one_kid_and_type_are_both_dropped() {
        let named = |members: &str, kid: &str| format!(r#"{{{members},"kid":"{kid}"}}"#);
        let document = read(&[
            named(ED25519, "a"),
            named(OTHER_ED25519, "a"),
            named(ED25519, "a"),
            named(P256, "a"),
            named(OTHER_ED25519, "b"),
        ]);
        let kept: Vec<_> = document.keys.iter().map(|key| (key.key_id(), key.material().key_type())).collect();
        assert_eq!(kept, [(Some("a"), "EC"), (Some("b"), "OKP")]);
        assert_eq!(document.skipped.len(), 1);
    }

    #[test]
    fn the_same_key_twice_is_one_key_for_all_that_it_may_do() {
        let named = format!(r#"{{{ED25519},"kid":"a","alg":"EdDSA"}}"#);
        let document = read(&[named.clone(), named]);
        assert_eq!((document.keys.len(), document.skipped.len()), (1, 0));
        let nameless = format!("{{{ED25519}}}");
        assert_eq!(read(&[nameless.clone(), nameless]).keys.len(), 1);
    }

    #[test]
    fn documents_that_are_no_key_set_are_told_apart() {
        let read = |text| KeyDocument::read(text, 2).map(|_| ()).unwrap_err();
        for no_json in ["<html>", "\u{feff}{\"keys\":[]}", r#"{"keys":[],"keys":[]}"#] {
            assert!(matches!(read(no_json), Unreadable::NoJson(_)), "{no_json}");
        }
        for no_set in ["{}", r#"{"keys":{}}"#] {
            assert_eq!(read(no_set), Unreadable::NoKeySet);
        }
        for nothing in [r#"{"keys":[]}"#, r#"{"keys":[1,{}]}"#] {
            assert_eq!(read(nothing), Unreadable::NoUsableKey);
        }
        assert_eq!(read(r#"{"keys":[1,2,3]}"#), Unreadable::TooManyKeys { keys: 3, limit: 2 });
    }
}
