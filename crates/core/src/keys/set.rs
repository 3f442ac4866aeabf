//! The usable keys of one issuer, and the choice of exactly one.

use foldhash::HashMap;
use foldhash::HashMapExt;

use crate::error::NameSample;
use crate::keys::document::KeyDocument;
use crate::keys::document::Unreadable;
use crate::keys::jwk::Jwk;
use crate::keys::skipped::Skipped;
use crate::signature::SharedKey;
use crate::token::Algorithm;

/// The usable keys of one issuer.
#[derive(Debug, Default)]
pub(crate) struct KeySet {
    keys: Vec<Jwk>,
    by_key_id: HashMap<Box<str>, Vec<usize>>,
    nameless: Nameless,
    skipped: Vec<Skipped>,
    /// Of the key ids, for the log: made once for each set, because strangers can ask for keys that nobody has.
    sample: NameSample,
    /// The text that it was read from.
    text: Box<str>,
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
    /// Reads a JWK set.
    ///
    /// # Errors
    ///
    /// Why nothing of it is used.
    pub(crate) fn read(text: &str, max_keys: usize) -> Result<Self, Unreadable> {
        let document = KeyDocument::read(text, max_keys)?;
        Ok(Self { skipped: document.skipped, text: text.into(), ..Self::of(document.keys) })
    }

    pub(crate) fn of(keys: Vec<Jwk>) -> Self {
        let mut by_key_id: HashMap<Box<str>, Vec<usize>> = HashMap::new();
        for (at, key) in keys.iter().enumerate() {
            if let Some(key_id) = key.key_id() {
                by_key_id.entry(key_id.into()).or_default().push(at);
            }
        }
        let sample = NameSample::of(keys.iter().filter_map(Jwk::key_id));
        Self { keys, by_key_id, nameless: Nameless::default(), skipped: Vec::new(), sample, text: Box::default() }
    }

    /// The same set, whose key without `kid` fits any token if it alone fits the algorithm (static keys, as from PEM).
    pub(crate) fn with_nameless_for_any(self) -> Self {
        Self { nameless: Nameless::ForAny, ..self }
    }

    /// The one key for `algorithm` that `key_id` names, or that alone fits if the token names none; among the keys that
    /// name no issuer, or one that `is_issuer`.
    pub(crate) fn find(
        &self,
        key_id: Option<&str>,
        algorithm: Algorithm,
        is_issuer: impl Fn(&str) -> bool,
    ) -> Option<&SharedKey> {
        let verifying = |key| Self::verifying(key, algorithm, &is_issuer);
        let Some(key_id) = key_id else {
            return only(self.keys.iter().filter_map(verifying));
        };
        let named = self.by_key_id.get(key_id).map_or(&[][..], Vec::as_slice);
        only(named.iter().filter_map(|at| verifying(self.keys.get(*at)?)))
            .or_else(|| self.nameless_for_any(algorithm, &is_issuer))
    }

    fn verifying<'a>(key: &'a Jwk, algorithm: Algorithm, is_issuer: &impl Fn(&str) -> bool) -> Option<&'a SharedKey> {
        key.verifying(algorithm).filter(|_| key.issuer().is_none_or(is_issuer))
    }

    #[cfg(feature = "vectors")]
    pub(crate) fn len(&self) -> usize {
        self.keys.len()
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// A few of the `kid`s, as the set has them.
    pub(crate) fn sample(&self) -> &NameSample {
        &self.sample
    }

    /// The `kid`s, sorted.
    pub(crate) fn key_ids(&self) -> Vec<String> {
        let mut key_ids: Vec<_> = self.by_key_id.keys().map(ToString::to_string).collect();
        key_ids.sort_unstable();
        key_ids
    }

    /// Whether both hold the same keys, under the same names and for the same algorithms, in any order.
    pub(crate) fn same_keys(&self, other: &Self) -> bool {
        let count = |set: &Self, key: &Jwk| set.keys.iter().filter(|one| one.is_alike(key)).count();
        self.keys.len() == other.keys.len() && self.keys.iter().all(|key| count(self, key) == count(other, key))
    }

    /// The `kid`s that name a key here and another key of the same type in `before`.
    pub(crate) fn reused_key_ids<'a>(&'a self, before: &'a Self) -> impl Iterator<Item = &'a str> {
        let was_another = |key: &&Jwk| {
            let namesakes = || before.keys.iter().filter(|old| old.shares_its_name_with(key));
            namesakes().next().is_some() && !namesakes().any(|old| old.is_same(key))
        };
        self.keys.iter().filter(was_another).filter_map(Jwk::key_id)
    }

    /// The keys of the text that are not used.
    pub(crate) fn skipped(&self) -> &[Skipped] {
        &self.skipped
    }

    fn nameless_for_any(&self, algorithm: Algorithm, is_issuer: &impl Fn(&str) -> bool) -> Option<&SharedKey> {
        if self.nameless == Nameless::ForNameless {
            return None;
        }
        let fits = |key: &&Jwk| Self::verifying(key, algorithm, is_issuer).is_some();
        let alone = only(self.keys.iter().filter(fits))?;
        if alone.key_id().is_none() { alone.verifying(algorithm) } else { None }
    }
}

fn only<T>(mut found: impl Iterator<Item = T>) -> Option<T> {
    let first = found.next()?;
    if found.next().is_some() { None } else { Some(first) }
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
        assert!(set.find(Some("a"), Algorithm::Es256, |_| false).is_some());
        assert!(set.find(Some(""), Algorithm::Es256, |_| false).is_some());
        assert!(set.find(Some("A"), Algorithm::Es256, |_| false).is_none());
        assert!(set.find(Some("a"), Algorithm::Rs256, |_| false).is_none());
        assert!(set.find(None, Algorithm::Es256, |_| false).is_none());
    }

    #[test]
    fn a_key_without_kid_serves_tokens_without_kid_if_it_alone_fits() {
        let set = KeySet::of(vec![ec_key(None)]);
        assert!(set.find(None, Algorithm::Es256, |_| false).is_some());
        assert!(set.find(Some("a"), Algorithm::Es256, |_| false).is_none());
        assert!(set.with_nameless_for_any().find(Some("a"), Algorithm::Es256, |_| false).is_some());
        let two = KeySet::of(vec![ec_key(None), ec_key(Some("b"))]).with_nameless_for_any();
        assert!(two.find(Some("a"), Algorithm::Es256, |_| false).is_none());
    }

    /// Whichever way it is looked for.
    #[test]
    fn a_key_that_names_an_issuer_is_found_for_that_one_alone() {
        let key = r#""kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","issuer":"a""#;
        for (member, key_id) in [(r#","kid":"1""#, Some("1")), (r#","kid":"1""#, None), ("", None), ("", Some("1"))] {
            let set = KeySet::read(&format!(r#"{{"keys":[{{{key}{member}}}]}}"#), 1).unwrap().with_nameless_for_any();
            let is_found = |issuer: &str| set.find(key_id, Algorithm::Ed25519, |stated| stated == issuer).is_some();
            assert!(is_found("a") && !is_found("b"), "{member} {key_id:?}");
        }
    }

    #[test]
    fn a_name_is_reused_if_another_key_of_its_type_has_it_now() {
        let set = |a: Option<&str>, b: Option<&str>| KeySet::of(vec![ec_key(a), ec_key(b)]);
        let (first, second) = (set(Some("a"), Some("b")), set(Some("b"), None));
        assert_eq!(second.reused_key_ids(&first).collect::<Vec<_>>(), ["b"]);
        assert_eq!(first.reused_key_ids(&first).count(), 0);
        assert_eq!(set(Some("c"), Some("d")).reused_key_ids(&first).count(), 0);
    }

    #[test]
    fn sets_are_the_same_if_their_keys_may_do_the_same() {
        let set = |algorithm: &str| {
            let key = r#""kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kid":"a""#;
            KeySet::read(&format!(r#"{{"keys":[{{{key}{algorithm}}}]}}"#), 1).unwrap()
        };
        assert!(set("").same_keys(&set(r#","alg":"EdDSA""#)));
        let rsa = |algorithm: &str| {
            let n = "_".repeat(342);
            let text = format!(r#"{{"keys":[{{"kty":"RSA","n":"{n}w","e":"AQAB","kid":"a","alg":"{algorithm}"}}]}}"#);
            KeySet::read(&text, 1).unwrap()
        };
        assert!(rsa("RS256").same_keys(&rsa("RS256")));
        assert!(!rsa("RS256").same_keys(&rsa("PS256")), "the same key for another algorithm is another set");
    }
}
