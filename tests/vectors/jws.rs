//! A JWS taken apart for the signature alone (RFC 7515, section 5.2), whatever its payload is.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use claviger_core::Algorithm;
use serde_json::Map;
use serde_json::Value;

use crate::backends::verifies;

/// A JWS in compact serialization, without an opinion on its payload.
pub(crate) struct Jws<'a> {
    header: Map<String, Value>,
    message: &'a str,
    signature: Vec<u8>,
}

impl<'a> Jws<'a> {
    /// `None` unless it is three parts of base64url, the first of them a JSON object without `crit`.
    pub(crate) fn read(compact: &'a str) -> Option<Self> {
        let (message, signature) = compact.rsplit_once('.')?;
        let (header, payload) = message.split_once('.')?;
        let _ = decode(payload)?;
        let header: Map<String, Value> = serde_json::from_slice(&decode(header)?).ok()?;
        if header.contains_key("crit") {
            return None;
        }
        Some(Self { header, message, signature: decode(signature)? })
    }

    /// Whether the one key that this JWS names, or the only one there is, signed it.
    pub(crate) fn is_signed_by(&self, keys: &[Value]) -> bool {
        let Some(algorithm) = self.algorithm() else {
            return false;
        };
        let mut named = keys.iter().filter(|key| self.may_mean(key));
        match (named.next(), named.next()) {
            (Some(key), None) => verifies(key, algorithm, self.message.as_bytes(), &self.signature),
            _ => false,
        }
    }

    fn may_mean(&self, key: &Value) -> bool {
        match (self.header.get("kid"), key.get("kid")) {
            (Some(named), Some(key_id)) => named == key_id,
            _ => true,
        }
    }

    fn algorithm(&self) -> Option<Algorithm> {
        self.header.get("alg")?.as_str()?.parse().ok()
    }
}

pub(crate) fn decode(part: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(part).ok()
}

/// A private key's public half; a secret stays what it is.
pub(crate) fn public_half(key: &Value) -> Value {
    const PRIVATE: [&str; 7] = ["d", "p", "q", "dp", "dq", "qi", "oth"];
    let members = key.as_object().unwrap().iter().filter(|(name, _)| !PRIVATE.contains(&name.as_str()));
    members.map(|(name, value)| (name.clone(), value.clone())).collect()
}
