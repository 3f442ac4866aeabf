//! Minting access tokens, correct ones and others.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use josekit::util::random_bytes;
use openssl::sha::sha256;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::SigningKey;
use crate::draft::Draft;
use crate::draft::object;

/// A token about to be signed, from [`TestIssuer::token`](crate::TestIssuer::token).
///
/// It starts as a correct JWT access token (RFC 9068, section 2):
///
/// | Where | Members |
/// |---|---|
/// | header | `typ` `at+jwt`, `alg` and `kid` of the signing key |
/// | claims | `iss` the issuer, `sub` `user-1`, `aud` the issuer's audience, `client_id` `client-1`, `iat` now, `exp` in 300 s, `jti` random |
///
/// ```
/// use std::time::Duration;
///
/// use claviger_testing::TestIssuer;
/// use serde_json::json;
///
/// let issuer = TestIssuer::in_memory("https://issuer.example.com");
/// let token = issuer
///     .token()
///     .claim("sub", "alice")
///     .claim("roles", json!(["admin"]))
///     .scope("read:reports write:reports")
///     .expires_in(Duration::from_secs(60))
///     .sign();
/// assert_eq!(token.split('.').count(), 3);
///
/// // No signature at all, and a payload that is no object.
/// let unsigned = issuer.token().header("alg", "none").with_signature([]).sign();
/// assert!(unsigned.ends_with('.'));
/// let hostile = issuer.token().raw_payload(r#"{"iss":"a","iss":"b"}"#).sign();
/// assert!(hostile.contains(".eyJpc3MiOiJhIiwiaXNzIjoiYiJ9."));
/// ```
#[derive(Clone, Debug)]
#[must_use = "a token is made by `sign`"]
pub struct TokenBuilder {
    draft: Draft,
    now: Duration,
}

impl TokenBuilder {
    pub(crate) fn new(issuer: &str, audience: &str, key: SigningKey, now: Duration) -> Self {
        let claims = [
            ("iss", json!(issuer)),
            ("sub", json!("user-1")),
            ("aud", json!(audience)),
            ("client_id", json!("client-1")),
            ("iat", json!(now.as_secs())),
            ("exp", json!(now.saturating_add(LIFETIME).as_secs())),
            ("jti", json!(URL_SAFE_NO_PAD.encode(random_bytes(16)))),
        ];
        Self { draft: Draft::new(key, claims), now }
    }

    /// The claim of this name.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.draft.claims.get(name)
    }

    pub(crate) fn key(&self) -> &SigningKey {
        &self.draft.key
    }

    /// When it was begun, since 1970.
    pub(crate) fn now(&self) -> Duration {
        self.now
    }

    /// Sets a claim, of any JSON type.
    pub fn claim(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.draft.claims.insert(name.into(), value.into());
        self
    }

    /// Leaves a claim out.
    pub fn without(mut self, name: &str) -> Self {
        self.draft.claims.remove(name);
        self
    }

    /// Sets `aud`: one audience, or a list of them.
    ///
    /// ```
    /// # let issuer = claviger_testing::TestIssuer::in_memory("https://issuer.example.com");
    /// let one = issuer.token().audience("https://api.example.com");
    /// let two = issuer.token().audience(vec!["https://api.example.com", "https://other.example.com"]);
    /// assert_ne!(one.sign(), two.sign());
    /// ```
    pub fn audience(self, audience: impl Into<Value>) -> Self {
        self.claim("aud", audience)
    }

    /// Sets `scope`: words separated by spaces (RFC 8693, section 4.2).
    pub fn scope(self, scope: impl Into<String>) -> Self {
        self.claim("scope", scope.into())
    }

    /// Binds it to the client certificate of this DER encoding: `x5t#S256` of `cnf` (RFC 8705, section 3.1), beside the
    /// other members that were set before.
    ///
    /// ```
    /// # let issuer = claviger_testing::TestIssuer::in_memory("https://issuer.example.com");
    /// # let der = [0x30, 0x00];
    /// let client = claviger_testing::DpopClient::new();
    /// let by_certificate = issuer.token().bound_to_certificate(&der);
    /// let by_both = issuer.token().claim("cnf", client.confirmation()).bound_to_certificate(&der);
    /// assert_ne!(by_certificate.sign().len(), by_both.sign().len());
    /// ```
    pub fn bound_to_certificate(self, der: &[u8]) -> Self {
        let mut confirmation = match self.draft.claims.get("cnf") {
            Some(Value::Object(members)) => members.clone(),
            _ => Map::new(),
        };
        confirmation.insert("x5t#S256".to_owned(), URL_SAFE_NO_PAD.encode(sha256(der)).into());
        self.claim("cnf", confirmation)
    }

    /// Sets `exp` to this long after now, which is when [`TestIssuer::token`](crate::TestIssuer::token) was called.
    pub fn expires_in(self, lifetime: Duration) -> Self {
        let expiry = self.now.saturating_add(lifetime).as_secs();
        self.claim("exp", expiry)
    }

    /// Sets a header parameter, of any JSON type; wins over what the signing key says.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.draft.header.set(name, value);
        self
    }

    /// Leaves a header parameter out.
    pub fn without_header(mut self, name: impl Into<String>) -> Self {
        self.draft.header.remove(name);
        self
    }

    /// Signs with this key, published or not, instead of the issuer's current one; `alg` and `kid` follow it.
    pub fn signed_by(mut self, key: &SigningKey) -> Self {
        self.draft.key = key.clone();
        self
    }

    /// Takes these bytes for the header, before base64url, whatever was said about its parameters.
    pub fn raw_header(mut self, header: impl Into<Vec<u8>>) -> Self {
        self.draft.raw_header = Some(header.into());
        self
    }

    /// Takes these bytes for the payload, before base64url, whatever was said about claims.
    pub fn raw_payload(mut self, payload: impl Into<Vec<u8>>) -> Self {
        self.draft.raw_payload = Some(payload.into());
        self
    }

    /// Takes these bytes for the signature, before base64url, instead of signing.
    pub fn with_signature(mut self, signature: impl Into<Vec<u8>>) -> Self {
        self.draft.signature = Some(signature.into());
        self
    }

    /// Makes the token: a JWS in compact serialization (RFC 7515, section 7.1).
    ///
    /// The signature covers exactly the bytes of header and payload that the token carries.
    ///
    /// # Panics
    ///
    /// If an RSA key is too short for the digest and the padding of its algorithm.
    #[must_use]
    pub fn sign(self) -> String {
        let Draft { key, .. } = &self.draft;
        let mut header = object([("typ", "at+jwt".into()), ("alg", key.algorithm_name().into())]);
        if let Some(key_id) = key.key_id() {
            header.insert("kid".to_owned(), key_id.into());
        }
        self.draft.sign(header)
    }
}

const LIFETIME: Duration = Duration::from_secs(300);
