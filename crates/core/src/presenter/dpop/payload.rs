//! The payload of a proof (RFC 9449, section 4.2).

use std::borrow::Cow;

use crate::claims::numeric_date;
use crate::token::json;

/// The claims of a proof, each of its type.
#[derive(Debug)]
pub(super) struct ProofPayload<'a> {
    pub(super) id: Cow<'a, str>,
    pub(super) method: Cow<'a, str>,
    pub(super) uri: Cow<'a, str>,
    /// In seconds since 1970.
    pub(super) issued_at: f64,
    pub(super) token_hash: Cow<'a, str>,
    /// `None` where it is missing or no string: whatever it is then, it is no nonce of ours.
    pub(super) nonce: Option<Cow<'a, str>>,
}

impl<'a> ProofPayload<'a> {
    /// # Errors
    ///
    /// What is wrong, in words.
    pub(super) fn read(document: &'a str) -> Result<Self, &'static str> {
        let (mut id, mut method, mut uri, mut issued_at, mut token_hash, mut nonce) = Default::default();
        json::object(document, |name, raw| match name {
            "jti" => id = json::string(raw),
            "htm" => method = json::string(raw),
            "htu" => uri = json::string(raw),
            "iat" => issued_at = numeric_date(raw),
            "ath" => token_hash = json::string(raw),
            "nonce" => nonce = json::string(raw),
            _ => {}
        })?;
        Ok(Self {
            method: method.ok_or("it has no `htm`")?,
            uri: uri.ok_or("it has no `htu`")?,
            issued_at: issued_at.ok_or("it has no `iat`")?,
            id: id.filter(|id: &Cow<'_, str>| (1..=MAX_ID_BYTES).contains(&id.len())).ok_or(NO_ID)?,
            token_hash: token_hash.ok_or("it has no `ath`")?,
            nonce,
        })
    }
}

const MAX_ID_BYTES: usize = 256;
const NO_ID: &str = "its `jti` has not 1 to 256 bytes";
