//! Tokens, and the keys that they are signed with.

use std::sync::LazyLock;

use josekit::jwk::Jwk;
use josekit::jwk::alg::ed::EdCurve;
use josekit::jwk::alg::ed::EdKeyPair;
use josekit::jws::EdDSA;
use josekit::jws::JwsHeader;
use serde_json::json;

use super::world::ISSUER;
use super::world::NOW;

/// A key and a token of its issuer's.
#[derive(Debug)]
pub(super) struct Signed {
    public: Jwk,
    pub(super) token: String,
}

pub(super) static OLD: LazyLock<Signed> = LazyLock::new(|| Signed::by_new_key("old"));
pub(super) static NEW: LazyLock<Signed> = LazyLock::new(|| Signed::by_new_key("new"));
/// By a key that is never published.
pub(super) static JUNK: LazyLock<Signed> = LazyLock::new(|| Signed::by_new_key("junk"));

impl Signed {
    fn by_new_key(key_id: &str) -> Self {
        let pair = EdKeyPair::generate(EdCurve::Ed25519).unwrap();
        let mut public = pair.to_jwk_public_key();
        public.set_key_id(key_id);
        let mut header = JwsHeader::new();
        header.set_key_id(key_id);
        let claims = json!({ "iss": ISSUER, "aud": AUDIENCE, "exp": NOW.as_secs() + 3600, "scope": "read" });
        let signer = EdDSA.signer_from_jwk(&pair.to_jwk_private_key()).unwrap();
        let token = josekit::jws::serialize_compact(claims.to_string().as_bytes(), &header, &signer).unwrap();
        Self { public, token }
    }
}

pub(super) fn jwks(keys: &[&Signed]) -> String {
    let keys: Vec<_> = keys.iter().map(|signed| &signed.public).collect();
    json!({ "keys": keys }).to_string()
}

pub(super) const AUDIENCE: &str = "https://api.example";
