//! A set of keys (RFC 7517, section 5), and the choice of exactly one.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::value::RawValue;
use thiserror::Error;

use crate::error::Excerpt;
use crate::keys::jwk::Jwk;
use crate::signature::VerifyingKey;
use crate::token::Algorithm;
use crate::token::json;

/// The usable keys of one issuer.
#[derive(Debug, Default)]
pub(crate) struct KeySet {
    keys: Vec<Jwk>,
    by_key_id: HashMap<Box<str>, Vec<usize>>,
    nameless: Nameless,
}

/// What a key without `kid` is good for.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Nameless {
    /// Tokens without `kid` alone.
    #[default]
    ForNameless,
    /// Any token, if no other key fits the algorithm.
    ForAny,
}

impl KeySet {
    /// Reads a JWK set; keys that cannot be used are skipped and logged, never fatal.
    ///
    /// # Errors
    ///
    /// Why nothing of it is used: it is no strict JSON, no key set, too large, or without a usable key.
    pub(crate) fn read(text: &str, max_keys: usize) -> Result<Self, Unreadable> {
        json::object(text, |_, _| {}).map_err(Unreadable::NoJson)?;
        let document: Document<'_> = serde_json::from_str(text).map_err(|_| Unreadable::NoKeySet)?;
        if document.keys.len() > max_keys {
            return Err(Unreadable::TooManyKeys { keys: document.keys.len(), limit: max_keys });
        }
        let mut usable = Vec::new();
        for raw in document.keys {
            match Jwk::read(raw.get()) {
                Ok(key) => usable.push(key),
                Err(why) => tracing::warn!(key_id = key_id(raw.get()).as_deref(), %why, "skipped a key of the set"),
            }
        }
        let set = Self::of(without_ambiguous(usable));
        if set.keys.is_empty() { Err(Unreadable::NoUsableKey) } else { Ok(set) }
    }

    pub(crate) fn of(keys: Vec<Jwk>) -> Self {
        let mut by_key_id: HashMap<Box<str>, Vec<usize>> = HashMap::new();
        for (at, key) in keys.iter().enumerate() {
            if let Some(key_id) = key.key_id() {
                by_key_id.entry(key_id.into()).or_default().push(at);
            }
        }
        Self { keys, by_key_id, nameless: Nameless::default() }
    }

    /// The same set, whose key without `kid` fits any token if it alone fits the algorithm (static keys, as from PEM).
    pub(crate) fn with_nameless_for_any(self) -> Self {
        Self { nameless: Nameless::ForAny, ..self }
    }

    /// The one key for `algorithm` that `key_id` names, or that alone fits if the token names none.
    pub(crate) fn find(&self, key_id: Option<&str>, algorithm: Algorithm) -> Option<&VerifyingKey> {
        let Some(key_id) = key_id else {
            return only(self.keys.iter().filter_map(|key| key.verifying(algorithm)));
        };
        let named = self.by_key_id.get(key_id).map_or(&[][..], Vec::as_slice);
        only(named.iter().filter_map(|at| self.keys.get(*at)?.verifying(algorithm)))
            .or_else(|| self.nameless_for_any(algorithm))
    }

    #[cfg(feature = "vectors")]
    pub(crate) fn len(&self) -> usize {
        self.keys.len()
    }

    /// The `kid`s, sorted.
    pub(crate) fn key_ids(&self) -> Vec<String> {
        let mut key_ids: Vec<_> = self.by_key_id.keys().map(ToString::to_string).collect();
        key_ids.sort_unstable();
        key_ids
    }

    /// Whether both hold the same keys under the same names, in any order.
    pub(crate) fn same_keys(&self, other: &Self) -> bool {
        let holds = |set: &Self, key: &Jwk| {
            set.keys.iter().any(|one| one.key_id() == key.key_id() && one.material() == key.material())
        };
        self.keys.len() == other.keys.len() && self.keys.iter().all(|key| holds(other, key))
    }

    fn nameless_for_any(&self, algorithm: Algorithm) -> Option<&VerifyingKey> {
        if self.nameless == Nameless::ForNameless {
            return None;
        }
        let alone = only(self.keys.iter().filter(|key| key.verifying(algorithm).is_some()))?;
        if alone.key_id().is_none() { alone.verifying(algorithm) } else { None }
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
struct Document<'a> {
    #[serde(borrow)]
    keys: Vec<&'a RawValue>,
}

fn only<T>(mut found: impl Iterator<Item = T>) -> Option<T> {
    let first = found.next()?;
    if found.next().is_some() { None } else { Some(first) }
}

/// Two different keys of one `kid` and type cannot be told apart, so neither is used.
fn without_ambiguous(keys: Vec<Jwk>) -> Vec<Jwk> {
    let alike = |one: &Jwk, other: &Jwk| {
        one.key_id().is_some()
            && one.key_id() == other.key_id()
            && one.material().key_type() == other.material().key_type()
    };
    let mut kept: Vec<Jwk> = Vec::with_capacity(keys.len());
    let mut ambiguous: Vec<Jwk> = Vec::new();
    for key in keys {
        if ambiguous.iter().any(|other| alike(&key, other)) {
            continue;
        }
        match kept.iter().position(|other| alike(&key, other)) {
            Some(at) if kept.get(at).is_some_and(|other| other.material() == key.material()) => {}
            Some(at) => {
                let key_id = key.key_id().map(Excerpt::of);
                tracing::error!(
                    key_id = key_id.as_ref().map(Excerpt::as_str),
                    "dropped two keys of one `kid` and type"
                );
                ambiguous.push(kept.remove(at));
            }
            None => kept.push(key),
        }
    }
    kept
}

fn key_id(jwk: &str) -> Option<String> {
    let mut key_id = None;
    json::object(jwk, |name, raw| {
        if name == "kid" {
            key_id = json::string(raw).map(|text| Excerpt::of(&text).to_string());
        }
    })
    .ok()?;
    key_id
}

#[cfg(test)]
mod tests {
    use openssl::ec::EcGroup;
    use openssl::ec::EcKey;
    use openssl::nid::Nid;
    use openssl::pkey::PKey;

    use super::*;
    use crate::keys::pem;

    fn ec_key(key_id: Option<&str>) -> Jwk {
        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
        let key = PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
        let material = pem::read(&String::from_utf8(key.public_key_to_pem().unwrap()).unwrap()).unwrap();
        Jwk::new(key_id.map(Into::into), material, &[Algorithm::Es256]).unwrap()
    }

    #[test]
    fn a_named_key_is_found_and_no_other() {
        let set = KeySet::of(vec![ec_key(Some("a")), ec_key(Some("b")), ec_key(Some(""))]);
        assert!(set.find(Some("a"), Algorithm::Es256).is_some());
        assert!(set.find(Some(""), Algorithm::Es256).is_some());
        assert!(set.find(Some("A"), Algorithm::Es256).is_none());
        assert!(set.find(Some("a"), Algorithm::Rs256).is_none());
        assert!(set.find(None, Algorithm::Es256).is_none());
    }

    #[test]
    fn a_key_without_kid_serves_tokens_without_kid_if_it_alone_fits() {
        let set = KeySet::of(vec![ec_key(None)]);
        assert!(set.find(None, Algorithm::Es256).is_some());
        assert!(set.find(Some("a"), Algorithm::Es256).is_none());
        assert!(set.with_nameless_for_any().find(Some("a"), Algorithm::Es256).is_some());
        let two = KeySet::of(vec![ec_key(None), ec_key(Some("b"))]).with_nameless_for_any();
        assert!(two.find(Some("a"), Algorithm::Es256).is_none());
    }

    #[test]
    fn different_keys_of_one_kid_and_type_are_both_dropped() {
        let kept = without_ambiguous(vec![ec_key(Some("a")), ec_key(Some("a")), ec_key(Some("a")), ec_key(Some("b"))]);
        assert_eq!(kept.iter().map(Jwk::key_id).collect::<Vec<_>>(), [Some("b")]);
    }

    #[test]
    fn documents_that_are_no_key_set_are_told_apart() {
        assert!(matches!(KeySet::read("<html>", 128), Err(Unreadable::NoJson(_))));
        assert!(matches!(KeySet::read("\u{feff}{\"keys\":[]}", 128), Err(Unreadable::NoJson(_))));
        assert!(matches!(KeySet::read(r#"{"keys":[],"keys":[]}"#, 128), Err(Unreadable::NoJson(_))));
        assert!(matches!(KeySet::read("{}", 128), Err(Unreadable::NoKeySet)));
        assert!(matches!(KeySet::read(r#"{"keys":{}}"#, 128), Err(Unreadable::NoKeySet)));
        assert!(matches!(KeySet::read(r#"{"keys":[]}"#, 128), Err(Unreadable::NoUsableKey)));
        assert!(matches!(KeySet::read(r#"{"keys":[1,null,{}]}"#, 128), Err(Unreadable::NoUsableKey)));
        assert!(matches!(KeySet::read(r#"{"keys":[1,2,3]}"#, 2), Err(Unreadable::TooManyKeys { keys: 3, limit: 2 })));
    }
}
