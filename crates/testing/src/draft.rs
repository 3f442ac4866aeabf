//! A JWS about to be signed, correct or not: what tokens and proofs have in common.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Map;
use serde_json::Value;

use crate::SigningKey;
use crate::members::Members;

#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) key: SigningKey,
    /// Changes to the header that its maker proposes.
    pub(crate) header: Members,
    pub(crate) claims: Map<String, Value>,
    pub(crate) raw_header: Option<Vec<u8>>,
    pub(crate) raw_payload: Option<Vec<u8>>,
    pub(crate) signature: Option<Vec<u8>>,
}

impl Draft {
    pub(crate) fn new<const N: usize>(key: SigningKey, claims: [(&str, Value); N]) -> Self {
        Self {
            key,
            header: Members::default(),
            claims: object(claims),
            raw_header: None,
            raw_payload: None,
            signature: None,
        }
    }

    /// In compact serialization (RFC 7515, section 7.1), with this header unless it was changed. The signature covers
    /// exactly the bytes that are carried.
    pub(crate) fn sign(self, mut header: Map<String, Value>) -> String {
        self.header.apply(&mut header);
        let header = self.raw_header.unwrap_or_else(|| Value::Object(header).to_string().into());
        let payload = self.raw_payload.unwrap_or_else(|| Value::Object(self.claims).to_string().into());
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
        let signature = self.signature.unwrap_or_else(|| self.key.sign(signed.as_bytes()));
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// In the order given.
pub(crate) fn object<const N: usize>(members: [(&str, Value); N]) -> Map<String, Value> {
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
