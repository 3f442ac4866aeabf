//! Which key signs and which are published.

use serde_json::json;

use super::TestIssuer;
use crate::SigningKey;

/// The current key, the published ones, and a text that stands in for their set.
#[derive(Debug)]
pub(super) struct Keys {
    current: SigningKey,
    published: Vec<SigningKey>,
    text: Option<String>,
}

impl Keys {
    /// The first key signs; all are published.
    pub(super) fn new(current: SigningKey, others: impl IntoIterator<Item = SigningKey>) -> Self {
        let mut published = vec![current.clone()];
        published.extend(others);
        Self { current, published, text: None }
    }

    pub(super) fn current(&self) -> &SigningKey {
        &self.current
    }

    pub(super) fn jwks(&self) -> String {
        self.text.clone().unwrap_or_else(|| self.composed())
    }

    /// The spelled algorithms of the published keys, each once.
    pub(super) fn algorithm_names(&self) -> Vec<&str> {
        let mut names: Vec<_> = self.published.iter().map(SigningKey::algorithm_name).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    fn publish(&mut self, key: SigningKey) {
        self.text = None;
        self.published.push(key);
    }

    fn rotate(&mut self, key: SigningKey) {
        self.publish(key.clone());
        self.current = key;
    }

    fn withdraw(&mut self, key_id: &str) {
        let before = self.published.len();
        self.published.retain(|key| key.key_id() != Some(key_id));
        assert!(self.published.len() < before, "no key with the id {key_id:?} is published");
        self.text = None;
    }

    fn replace(&mut self, keys: Vec<SigningKey>) {
        if let Some(first) = keys.first() {
            self.current = first.clone();
        }
        self.published = keys;
        self.text = None;
    }

    fn composed(&self) -> String {
        let public = self.published.iter().filter(|key| !key.is_symmetric());
        let keys: Vec<_> = public.map(SigningKey::public_jwk).collect();
        json!({ "keys": keys }).to_string()
    }
}

/// # Keys
///
/// What is published changes at once, for the next fetch. Nothing tells a client; that is what tests are about.
impl TestIssuer {
    /// The key that signs tokens.
    #[must_use]
    pub fn current_key(&self) -> SigningKey {
        self.shared().state().keys.current().clone()
    }

    /// The published set (RFC 7517, section 5) as it is served: for a static key source, or to look at.
    #[must_use]
    pub fn jwks(&self) -> String {
        self.shared().state().keys.jwks()
    }

    /// Publishes `key` and signs with it from now on; the keys before it stay published.
    ///
    /// ```
    /// use claviger_testing::SigningAlgorithm;
    /// use claviger_testing::SigningKey;
    /// use claviger_testing::TestIssuer;
    ///
    /// let issuer = TestIssuer::in_memory("https://issuer.example.com");
    /// let old = issuer.current_key();
    ///
    /// issuer.rotate(SigningKey::generate(SigningAlgorithm::Es256));
    /// assert_ne!(issuer.current_key().key_id(), old.key_id());
    /// assert!(issuer.jwks().contains(old.key_id().unwrap()));
    ///
    /// issuer.withdraw(old.key_id().unwrap());
    /// assert!(!issuer.jwks().contains(old.key_id().unwrap()));
    /// ```
    pub fn rotate(&self, key: SigningKey) {
        self.shared().state().keys.rotate(key);
    }

    /// Publishes `key` besides the others, without signing with it: the step before a rotation.
    pub fn publish(&self, key: SigningKey) {
        self.shared().state().keys.publish(key);
    }

    /// Takes every key with this id out of the published set. If it was the current one, it goes on signing.
    ///
    /// # Panics
    ///
    /// If no published key has this id.
    pub fn withdraw(&self, key_id: &str) {
        self.shared().state().keys.withdraw(key_id);
    }

    /// Publishes these keys and no others; the first of them signs. With none, the current key goes on signing.
    pub fn replace_keys(&self, keys: Vec<SigningKey>) {
        self.shared().state().keys.replace(keys);
    }

    /// Serves this text as the key set, whatever it is, until the next change to the keys.
    ///
    /// ```
    /// # let issuer = claviger_testing::TestIssuer::in_memory("https://issuer.example.com");
    /// issuer.set_jwks(r#"{"keys":[{"kty":"EC","kid":"broken"}]}"#);
    /// assert!(issuer.jwks().contains("broken"));
    /// ```
    pub fn set_jwks(&self, text: impl Into<String>) {
        self.shared().state().keys.text = Some(text.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SigningAlgorithm;

    fn key(id: &str) -> SigningKey {
        SigningKey::generate(SigningAlgorithm::Es256).with_key_id(id)
    }

    fn key_ids(keys: &Keys) -> Vec<String> {
        let set: serde_json::Value = serde_json::from_str(&keys.jwks()).unwrap();
        let keys = set["keys"].as_array().unwrap();
        keys.iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn a_rotation_keeps_the_old_key_published() {
        let mut keys = Keys::new(key("1"), []);
        keys.rotate(key("2"));
        assert_eq!(keys.current().key_id(), Some("2"));
        assert_eq!(key_ids(&keys), ["1", "2"]);
    }

    #[test]
    fn a_published_key_does_not_sign() {
        let mut keys = Keys::new(key("1"), []);
        keys.publish(key("2"));
        assert_eq!(keys.current().key_id(), Some("1"));
    }

    #[test]
    fn a_withdrawn_key_is_gone_and_still_signs() {
        let mut keys = Keys::new(key("1"), [key("2")]);
        keys.withdraw("1");
        assert_eq!(keys.current().key_id(), Some("1"));
        assert_eq!(key_ids(&keys), ["2"]);
    }

    #[test]
    #[should_panic(expected = r#"no key with the id "3" is published"#)]
    fn withdrawing_a_key_that_is_not_there_is_a_mistake_of_the_test() {
        Keys::new(key("1"), []).withdraw("3");
    }

    #[test]
    fn replaced_keys_are_all_there_is() {
        let mut keys = Keys::new(key("1"), [key("2")]);
        keys.replace(vec![key("3"), key("4")]);
        assert_eq!(keys.current().key_id(), Some("3"));
        assert_eq!(key_ids(&keys), ["3", "4"]);

        keys.replace(Vec::new());
        assert_eq!(keys.current().key_id(), Some("3"));
        assert_eq!(keys.jwks(), r#"{"keys":[]}"#);
    }

    #[test]
    fn secrets_are_not_published() {
        let mut keys = Keys::new(key("1"), []);
        keys.rotate(SigningKey::generate(SigningAlgorithm::Hs256).with_key_id("secret"));
        assert_eq!(keys.current().key_id(), Some("secret"));
        assert_eq!(key_ids(&keys), ["1"]);
    }

    #[test]
    fn a_text_stands_until_the_keys_change() {
        let mut keys = Keys::new(key("1"), []);
        keys.text = Some("no set".to_owned());
        assert_eq!(keys.jwks(), "no set");
        keys.publish(key("2"));
        assert_eq!(key_ids(&keys), ["1", "2"]);
    }
}
