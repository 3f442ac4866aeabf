//! The discovery document and the header fields of good answers.

use std::hash::DefaultHasher;
use std::hash::Hash;
use std::hash::Hasher;

use http::HeaderMap;
use http::HeaderValue;
use http::header::CACHE_CONTROL;
use http::header::ETAG;
use http::header::HeaderName;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::TestIssuer;
use super::keys::Keys;
use super::place::Document;
use super::place::Place;
use crate::members::Members;

/// Which discovery documents there are, what they say, and what goes with every answer.
#[derive(Debug, Default)]
pub(super) struct Publication {
    withheld: Vec<Document>,
    members: Members,
    headers: HeaderMap,
    tag: Tag,
}

#[derive(Debug, Default)]
enum Tag {
    #[default]
    OfContent,
    Fixed(HeaderValue),
    None,
}

impl Publication {
    pub(super) fn without(withheld: Vec<Document>) -> Self {
        Self { withheld, ..Self::default() }
    }

    pub(super) fn withholds(&self, document: Document) -> bool {
        self.withheld.contains(&document)
    }

    pub(super) fn discovery(&self, place: &Place, keys: &Keys) -> String {
        let mut document = Map::from_iter([
            ("issuer".to_owned(), json!(place.issuer())),
            ("jwks_uri".to_owned(), json!(place.stated_url(Document::Jwks))),
            ("token_endpoint".to_owned(), json!(place.stated_token_endpoint())),
            ("response_types_supported".to_owned(), json!(["code"])),
            ("subject_types_supported".to_owned(), json!(["public"])),
            ("id_token_signing_alg_values_supported".to_owned(), json!(keys.algorithm_names())),
        ]);
        self.members.apply(&mut document);
        Value::Object(document).to_string()
    }

    /// The header fields of an answer with this content; those that were set win.
    #[expect(clippy::expect_used, reason = "hexadecimal digits are a header value")]
    pub(super) fn headers(&self, content: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        match &self.tag {
            Tag::OfContent => {
                let tag = HeaderValue::from_str(&content_tag(content)).expect("a quoted hash");
                headers.insert(ETAG, tag);
            }
            Tag::Fixed(tag) => {
                headers.insert(ETAG, tag.clone());
            }
            Tag::None => {}
        }
        headers.extend(self.headers.clone());
        headers
    }
}

fn content_tag(content: &str) -> String {
    let mut hasher = DefaultHasher::new();
    content.hash(&mut hasher);
    format!("\"{:016x}\"", hasher.finish())
}

/// # Discovery and header fields
impl TestIssuer {
    /// Sets a member of the discovery documents, `issuer` and `jwks_uri` included.
    ///
    /// ```
    /// use serde_json::json;
    ///
    /// # let issuer = claviger_testing::TestIssuer::in_memory("https://issuer.example.com");
    /// issuer.set_discovery_member("issuer", json!("https://attacker.example.com"));
    /// assert!(issuer.discovery().contains("attacker"));
    /// assert_eq!(issuer.url(), "https://issuer.example.com");
    /// ```
    pub fn set_discovery_member(&self, name: impl Into<String>, value: impl Into<Value>) {
        self.shared().state().publication.members.set(name, value);
    }

    /// Leaves a member out of the discovery documents.
    pub fn remove_discovery_member(&self, name: impl Into<String>) {
        self.shared().state().publication.members.remove(name);
    }

    /// The discovery document as it is served, under both of its addresses.
    #[must_use]
    pub fn discovery(&self) -> String {
        let state = self.shared().state();
        state.publication.discovery(&self.shared().place, &state.keys)
    }

    /// Sets `Cache-Control` on every good answer; there is none unless set.
    ///
    /// # Panics
    ///
    /// If `value` cannot stand in a header field.
    pub fn set_cache_control(&self, value: &str) {
        self.set_header(CACHE_CONTROL, value);
    }

    /// Sets a header field on every good answer: `Age`, `Last-Modified`, another `Content-Type`.
    ///
    /// # Panics
    ///
    /// If `value` cannot stand in a header field.
    pub fn set_header(&self, name: HeaderName, value: &str) {
        let value = header_value(value);
        self.shared().state().publication.headers.insert(name, value);
    }

    /// Takes a header field back that was set before.
    pub fn remove_header(&self, name: &HeaderName) {
        self.shared().state().publication.headers.remove(name);
    }

    /// Sets the entity tag, quotes included; unless set, it is derived from the content.
    ///
    /// # Panics
    ///
    /// If `tag` cannot stand in a header field.
    pub fn set_etag(&self, tag: &str) {
        self.shared().state().publication.tag = Tag::Fixed(header_value(tag));
    }

    /// Answers without an entity tag, and never with 304.
    pub fn remove_etag(&self) {
        self.shared().state().publication.tag = Tag::None;
    }
}

#[expect(clippy::expect_used, reason = "documented on the callers")]
fn header_value(value: &str) -> HeaderValue {
    HeaderValue::from_str(value).expect("the value can stand in a header field")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_entity_tag_follows_the_content() {
        let publication = Publication::default();
        let tag = |content| publication.headers(content)[ETAG].clone();
        assert_eq!(tag("a"), tag("a"));
        assert_ne!(tag("a"), tag("b"));
    }
}
