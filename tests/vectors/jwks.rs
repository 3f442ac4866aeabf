//! Key sets that real providers published.

use claviger_core::vectors;
use serde_json::Value;
use serde_json::json;

use crate::source::Document;
use crate::source::Vectors;
use crate::source::list;

#[test]
fn all_keys_load_but_those_that_must_not_verify() {
    let Some(vectors) = Vectors::open() else { return };
    let (mut sets, mut usable) = (0, 0);
    for document in key_sets(&vectors) {
        let keys = list(&document.json()["keys"]).len();
        let found = vectors::usable_keys(&document.text);
        match keys - unusable(document.name()) {
            0 => assert!(found.is_err(), "{}", document.path),
            expected => assert_eq!(found, Ok(expected), "{}", document.path),
        }
        sets += 1;
        usable += found.unwrap_or_default();
    }
    assert_eq!((sets, usable), (31, 89));
}

#[test]
fn no_other_member_is_an_error_wherever_it_stands() {
    let Some(vectors) = Vectors::open() else { return };
    for document in key_sets(&vectors) {
        let mut set = document.json();
        set["x-more"] = json!({ "keys": [1, null], "nested": [[]] });
        for key in set["keys"].as_array_mut().unwrap() {
            key["x-more"] = json!([{ "kty": "oct", "k": "AAAA" }, null, 1.5e300]);
        }
        assert_eq!(vectors::usable_keys(&set.to_string()), vectors::usable_keys(&document.text), "{}", document.path);
    }
}

#[test]
fn an_unusable_key_beside_them_changes_nothing() {
    let Some(vectors) = Vectors::open() else { return };
    let strangers = json!([
        { "kty": "oct", "k": "AAAA", "kid": "secret" },
        { "kty": "AKP", "alg": "ML-DSA-44", "pub": "AAAA", "kid": "to come" },
        { "kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA", "kid": "off the curve" },
        { "kid": 7 },
        null,
        "no key",
    ]);
    for document in key_sets(&vectors) {
        let mut set = document.json();
        let mixed = [list(&strangers), list(&set["keys"]), list(&strangers)].concat();
        set["keys"] = Value::from(mixed);
        let (mixed, alone) = (vectors::usable_keys(&set.to_string()), vectors::usable_keys(&document.text));
        assert_eq!(mixed.ok(), alone.ok(), "{}", document.path);
    }
}

/// RSA keys of 1024 bits, and keys for encryption.
fn unusable(set: &str) -> usize {
    match set {
        "yahoo" => 3,
        "dockyard-keycloak"
        | "keycloak-pyjwt-jwk_keyset_only_unknown_alg"
        | "keycloak-pyjwt-jwk_keyset_with_unknown_alg" => 1,
        _ => 0,
    }
}

fn key_sets(vectors: &Vectors) -> impl Iterator<Item = Document> {
    vectors.documents("jwks").into_iter().filter(|document| document.name() != "rotation_history")
}
