//! The client: its key, and the nonce it was told last.

use std::fmt;
use std::fmt::Debug;
use std::fmt::Formatter;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use claviger_core::clock::Clock;
use claviger_core::clock::SystemClock;
use http::HeaderMap;
use http::HeaderValue;
use http::Method;
use http::Request;
use http::header::AUTHORIZATION;
use openssl::sha::sha256;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::ProofBuilder;
use crate::SigningAlgorithm;
use crate::SigningKey;

/// A client with a key of its own, which makes a DPoP proof for each request and follows the nonces of the server.
///
/// ```
/// use claviger_testing::DpopClient;
/// use claviger_testing::TestIssuer;
/// use http::Request;
///
/// let issuer = TestIssuer::in_memory("https://issuer.example.com");
/// let client = DpopClient::new();
/// let token = issuer.token().claim("cnf", client.confirmation()).sign();
///
/// let mut request = Request::post("https://api.example.com/reports?year=2026").body(()).unwrap();
/// client.authorize(&mut request, &token);
/// assert_eq!(request.headers()["authorization"], format!("DPoP {token}"));
/// assert_eq!(request.headers()["dpop"].to_str().unwrap().split('.').count(), 3);
/// ```
///
/// A server that needs a nonce answers 401, and the client comes again:
///
/// ```
/// # use claviger_testing::DpopClient;
/// # use http::Response;
/// # let client = DpopClient::new();
/// # let answer = Response::builder().status(401).header("dpop-nonce", "n1").body(()).unwrap();
/// if client.follow(answer.headers()) {
///     // The next proof has the nonce.
/// }
/// # assert_eq!(client.nonce().as_deref(), Some("n1"));
/// ```
#[derive(Clone)]
pub struct DpopClient {
    key: SigningKey,
    clock: Arc<dyn Clock>,
    nonce: Arc<Mutex<Option<String>>>,
}

impl DpopClient {
    /// A client with a new ES256 key, and the clock of the machine.
    #[must_use]
    pub fn new() -> Self {
        Self::with_key(SigningKey::generate(SigningAlgorithm::Es256))
    }

    /// A client with this key.
    #[must_use]
    pub fn with_key(key: SigningKey) -> Self {
        Self { key, clock: Arc::new(SystemClock::new()), nonce: Arc::default() }
    }

    /// The same client, by another clock.
    #[must_use]
    pub fn with_clock(self, clock: impl Clock) -> Self {
        Self { clock: Arc::new(clock), ..self }
    }

    /// The key that signs its proofs.
    #[must_use]
    pub fn key(&self) -> &SigningKey {
        &self.key
    }

    /// The public key as its proofs have it: the members that the thumbprint is made of, and nothing else.
    #[must_use]
    pub fn jwk(&self) -> Value {
        Value::Object(required_members(&self.key))
    }

    /// The thumbprint of its key (RFC 7638).
    ///
    /// # Panics
    ///
    /// For an HS256 key, which has no public half.
    #[must_use]
    pub fn thumbprint(&self) -> String {
        let mut members: Vec<_> = required_members(&self.key).into_iter().collect();
        assert!(members.len() > 1, "a secret has no thumbprint that could be told");
        members.sort_by(|(one, _), (other, _)| one.cmp(other));
        let members: Vec<_> = members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        URL_SAFE_NO_PAD.encode(sha256(format!("{{{}}}", members.join(",")).as_bytes()))
    }

    /// The `cnf` claim of a token that is bound to its key (RFC 9449, section 6.1).
    #[must_use]
    pub fn confirmation(&self) -> Value {
        json!({ "jkt": self.thumbprint() })
    }

    /// A proof for a request with this token; see [`ProofBuilder`] for what can be changed.
    ///
    /// # Panics
    ///
    /// If the clock does not know the time.
    #[expect(clippy::expect_used, reason = "documented")]
    pub fn proof(&self, method: &Method, url: &str, token: &str) -> ProofBuilder {
        let now = self.clock.unix().expect("a proof is made while the clock knows the time");
        let proof = ProofBuilder::new(&self.key, self.jwk(), now).claim("htm", method.as_str()).url(url).token(token);
        match self.nonce() {
            Some(nonce) => proof.claim("nonce", nonce),
            None => proof,
        }
    }

    /// Puts the token and a new proof into a request whose URI is absolute.
    ///
    /// # Panics
    ///
    /// If the URI is not absolute; see [`authorize_at`](Self::authorize_at) then.
    pub fn authorize<B>(&self, request: &mut Request<B>, token: &str) {
        assert!(request.uri().authority().is_some(), "the URI {} is not absolute", request.uri());
        let url = request.uri().to_string();
        self.authorize_at(request, &url, token);
    }

    /// Puts the token and a new proof for `url` into a request, whatever its URI is.
    ///
    /// # Panics
    ///
    /// If the token cannot stand in a field.
    #[expect(clippy::expect_used, reason = "documented")]
    pub fn authorize_at<B>(&self, request: &mut Request<B>, url: &str, token: &str) {
        let proof = self.proof(request.method(), url, token).sign();
        let field = |text: String| HeaderValue::try_from(text).expect("what can stand in a field");
        request.headers_mut().insert(AUTHORIZATION, field(format!("DPoP {token}")));
        request.headers_mut().insert("dpop", field(proof));
    }

    /// Takes the nonce of an answer for its next proofs, and tells whether there is one.
    ///
    /// # Panics
    ///
    /// If there are two, or one with characters that no nonce has (RFC 9449, section 8.1).
    pub fn follow(&self, headers: &HeaderMap) -> bool {
        let nonces: Vec<_> = headers.get_all("dpop-nonce").iter().collect();
        assert!(nonces.len() < 2, "there are two nonces");
        let Some(nonce) = nonces.first() else { return false };
        let is_nonce = nonce.as_bytes().iter().all(|byte| matches!(byte, b'!' | b'#'..=b'[' | b']'..=b'~'));
        assert!(is_nonce && !nonce.is_empty(), "{nonce:?} is no nonce");
        *self.last_nonce() = nonce.to_str().ok().map(str::to_owned);
        true
    }

    /// The nonce for its next proof.
    #[must_use]
    pub fn nonce(&self) -> Option<String> {
        self.last_nonce().clone()
    }

    /// Forgets its nonce, as a client does that starts again.
    pub fn forget_nonce(&self) {
        *self.last_nonce() = None;
    }

    fn last_nonce(&self) -> MutexGuard<'_, Option<String>> {
        self.nonce.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for DpopClient {
    fn default() -> Self {
        Self::new()
    }
}

impl Debug for DpopClient {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("DpopClient").field("key", &self.key).finish_non_exhaustive()
    }
}

/// RFC 7638, section 3.2; RFC 8037, section 2.
fn required_members(key: &SigningKey) -> Map<String, Value> {
    let Value::Object(members) = key.public_jwk() else { return Map::new() };
    members.into_iter().filter(|(name, _)| ["crv", "e", "kty", "n", "x", "y"].contains(&name.as_str())).collect()
}
