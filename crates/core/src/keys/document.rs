//! The text of a JWK set (RFC 7517, section 5): its usable keys, and those that are skipped.

use serde::Deserialize;
use serde_json::value::RawValue;
use thiserror::Error;

use crate::error::Excerpt;
use crate::keys::jwk::Jwk;
use crate::keys::skipped::Reasons;
use crate::keys::skipped::Skipped;
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
                Err(why) => document.skipped.push(Skipped::unusable(key_id(raw.get()), why)),
            }
        }
        document.settle();
        if document.keys.is_empty() { Err(Unreadable::NoUsableKey(document.skipped)) } else { Ok(document) }
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
        self.skipped.extend(ambiguous.iter().map(|key| Skipped::ambiguous(key.key_id().map(Excerpt::of))));
        self.keys = kept;
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
    #[error("the key set has no usable key{}", Reasons(.0))]
    NoUsableKey(Vec<Skipped>),
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
    fn a_set_without_a_usable_key_says_why_each_is_not_used() {
        let named = format!(r#"{{{ED25519},"kid":"a"}}"#);
        let other = format!(r#"{{{OTHER_ED25519},"kid":"a"}}"#);
        let symmetric = r#"{"kty":"oct","k":"AAAA","kid":"b\n"}"#;
        let read = |keys: &[&str]| KeyDocument::read(&format!(r#"{{"keys":[{}]}}"#, keys.join(",")), 128).unwrap_err();
        assert_eq!(
            read(&[&named, symmetric, "{}", &other]).to_string(),
            "the key set has no usable key: key \"b\\n\": it is symmetric; a key without `kid`: its key type or curve is \
             not supported; key \"a\": another key has the same `kid` and type"
        );
        assert!(read(&["7"; 100]).to_string().len() < 300, "{}", read(&["7"; 100]));
        assert!(read(&["7"; 100]).to_string().ends_with("; and 97 more"));
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
        assert_eq!(read(r#"{"keys":[]}"#), Unreadable::NoUsableKey(Vec::new()));
        assert_eq!(read(r#"{"keys":[1,2,3]}"#), Unreadable::TooManyKeys { keys: 3, limit: 2 });
    }
}
