//! The public keys of Wycheproof's primitives, as JWKs.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use serde_json::json;

use crate::source::text;

/// The JWK of a group, made from its numbers.
pub(crate) fn jwk(group: &Value) -> Value {
    let key = &group["publicKey"];
    if key.get("modulus").is_some() {
        return json!({ "kty": "RSA", "n": number(&key["modulus"]), "e": number(&key["publicExponent"]) });
    }
    match text(&key["curve"]) {
        "secp256r1" => point("P-256", key),
        "secp384r1" => point("P-384", key),
        "secp521r1" => point("P-521", key),
        "edwards25519" => json!({ "kty": "OKP", "crv": "Ed25519", "x": encode(&octets(&key["pk"])) }),
        "edwards448" => json!({ "kty": "OKP", "crv": "Ed448", "x": encode(&octets(&key["pk"])) }),
        other => panic!("no curve of ours: {other}"),
    }
}

/// The JWK that the file itself has of this key, if it has one.
pub(crate) fn published_jwk(group: &Value) -> Option<&Value> {
    group.get("publicKeyJwk").or_else(|| group.get("keyJwk"))
}

/// Octets in hexadecimal digits.
pub(crate) fn octets(hex: &Value) -> Vec<u8> {
    let digits = text(hex).as_bytes().chunks_exact(2);
    digits.map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// An uncompressed point: 4, then both coordinates at full length (SEC 1, section 2.3.3).
fn point(curve: &str, key: &Value) -> Value {
    let point = octets(&key["uncompressed"]);
    let (x, y) = point[1..].split_at(point.len() / 2);
    json!({ "kty": "EC", "crv": curve, "x": encode(x), "y": encode(y) })
}

/// Without the sign octet of ASN.1 (RFC 7518, section 2).
fn number(hex: &Value) -> String {
    let octets = octets(hex);
    let first = octets.iter().position(|octet| *octet != 0).unwrap();
    encode(&octets[first..])
}

fn encode(octets: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(octets)
}
