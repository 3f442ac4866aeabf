//! Proofs of possession (RFC 9449), and the nonces that servers ask for in them.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use claviger_core::clock::Clock;
use http::HeaderMap;
use http::Method;
use josekit::util::random_bytes;
use openssl::sha::sha256;
use secrecy::ExposeSecret;
use secrecy::SecretString;
use serde_json::Map;
use serde_json::json;
use url::Url;

use crate::error::ExchangeError;
use crate::key::PrivateKey;

/// The key that tokens are bound to, and the last nonce of each server.
#[derive(Debug)]
pub(crate) struct ProofKey {
    key: PrivateKey,
    clock: Arc<dyn Clock>,
    nonces: Mutex<HashMap<String, String>>,
}

impl ProofKey {
    pub(super) fn new(key: PrivateKey, clock: Arc<dyn Clock>) -> Self {
        Self { key, clock, nonces: Mutex::default() }
    }

    /// A proof for one request (RFC 9449, section 4.2), with the token that it presents, if any.
    pub(crate) fn proof(
        &self,
        method: &Method,
        url: &Url,
        token: Option<&SecretString>,
    ) -> Result<SecretString, ExchangeError> {
        let now = self.clock.unix().ok_or(ExchangeError::Credentials("the clock does not know the time"))?;
        let mut target = url.clone();
        target.set_query(None);
        target.set_fragment(None);
        let mut claims = Map::from_iter([
            ("jti".to_owned(), json!(URL_SAFE_NO_PAD.encode(random_bytes(16)))),
            ("htm".to_owned(), json!(method.as_str())),
            ("htu".to_owned(), json!(target.as_str())),
            ("iat".to_owned(), json!(now.as_secs())),
        ]);
        if let Some(token) = token {
            let hash = sha256(token.expose_secret().as_bytes());
            claims.insert("ath".to_owned(), json!(URL_SAFE_NO_PAD.encode(hash)));
        }
        let nonces = self.nonces.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(nonce) = nonces.get(&origin(url)) {
            claims.insert("nonce".to_owned(), json!(nonce));
        }
        drop(nonces);
        self.key.sign_proof(claims)
    }

    /// Keeps the nonce of an answer for the next proof to its server (RFC 9449, section 8.2); whether there was one.
    pub(crate) fn learn(&self, url: &Url, headers: &HeaderMap) -> bool {
        let mut fields = headers.get_all("dpop-nonce").iter();
        let (Some(field), None) = (fields.next(), fields.next()) else {
            return false;
        };
        let Some(nonce) = field.to_str().ok().filter(|nonce| !nonce.is_empty() && nonce.len() <= LONGEST_NONCE) else {
            return false;
        };
        let mut nonces = self.nonces.lock().unwrap_or_else(PoisonError::into_inner);
        if nonces.len() >= MOST_SERVERS {
            nonces.clear();
        }
        nonces.insert(origin(url), nonce.to_owned());
        true
    }
}

fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

/// Far more than any server needs.
const LONGEST_NONCE: usize = 1024;
/// A nonce that is forgotten costs one more request.
const MOST_SERVERS: usize = 1000;
