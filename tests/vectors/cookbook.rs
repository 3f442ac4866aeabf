//! The cookbook of JOSE (RFC 7520, RFC 7797): its signatures verify, and none of its texts is an access token.

use claviger_core::Algorithm;
use claviger_core::vectors;
use serde_json::Value;
use serde_json::json;

use crate::access_token::Api;
use crate::backends::verifies;
use crate::jws::decode;
use crate::jws::public_half;
use crate::source::Document;
use crate::source::Vectors;
use crate::source::text;

#[test]
fn asymmetric_signatures_verify_and_symmetric_ones_do_not() {
    let Some(vectors) = Vectors::open() else { return };
    let (mut verified, mut symmetric) = (0, 0);
    for document in vectors.documents("cookbook") {
        for signature in signatures(&document.json()) {
            let accepted = signature.verifies();
            assert_eq!(accepted, !signature.is_symmetric(), "{}", document.path);
            verified += usize::from(accepted);
            symmetric += usize::from(signature.is_symmetric());
        }
    }
    assert_eq!((verified, symmetric), (7, 7));
}

#[test]
fn no_text_is_an_access_token() {
    let Some(vectors) = Vectors::open() else { return };
    let mut refused = 0;
    for document in vectors.documents("cookbook").iter().filter(|document| !is_jwk(document)) {
        let value = document.json();
        for recipe in recipes(&value) {
            let api = Api::guarded_by(&one_or_many(&recipe["input"]["key"], public_half));
            for output in recipe["output"].as_object().unwrap().values() {
                api.refuses(output.as_str().unwrap_or(&output.to_string()));
                refused += 1;
            }
        }
    }
    assert_eq!(refused, 69);
}

#[test]
fn only_the_public_signing_keys_are_usable() {
    let Some(vectors) = Vectors::open() else { return };
    let documents = vectors.documents("cookbook/jwk");
    let all: Vec<_> = documents.iter().map(Document::json).collect();
    assert_eq!(all.len(), 6);
    for (document, key) in documents.iter().zip(&all) {
        let usable = vectors::usable_keys(&json!({ "keys": [key] }).to_string());
        assert_eq!(usable.is_ok(), document.name().ends_with("public_key"), "{}", document.path);
    }
    assert_eq!(vectors::usable_keys(&json!({ "keys": all }).to_string()), Ok(2));
}

#[test]
fn the_public_half_of_a_private_key_is_its_public_key() {
    let Some(vectors) = Vectors::open() else { return };
    for (public, private) in
        [("3_1.ec_public_key", "3_2.ec_private_key"), ("3_3.rsa_public_key", "3_4.rsa_private_key")]
    {
        let [public, private] = [public, private].map(|name| vectors.json(&format!("cookbook/jwk/{name}.json")));
        let thumbprint = vectors::thumbprint(&public.to_string());
        assert!(thumbprint.is_some());
        assert_eq!(vectors::thumbprint(&private.to_string()), None);
        assert_eq!(vectors::thumbprint(&public_half(&private).to_string()), thumbprint);
    }
}

struct Signature {
    key: Value,
    algorithm: String,
    signing: Value,
}

impl Signature {
    fn is_symmetric(&self) -> bool {
        self.algorithm.starts_with("HS")
    }

    fn verifies(&self) -> bool {
        let Ok(algorithm) = self.algorithm.parse::<Algorithm>() else {
            return false;
        };
        let signature = decode(text(&self.signing["sig"])).unwrap();
        verifies(&public_half(&self.key), algorithm, text(&self.signing["sig-input"]).as_bytes(), &signature)
    }
}

/// One for each signer of a document; none where it encrypts.
fn signatures(document: &Value) -> Vec<Signature> {
    let recipes = recipes(document).into_iter().filter(|recipe| recipe.get("signing").is_some());
    let signatures = recipes.flat_map(|recipe| {
        let keys = one_or_many(&recipe["input"]["key"], Value::clone);
        let algorithms = one_or_many(&recipe["input"]["alg"], |algorithm| text(algorithm).to_owned());
        let signings = one_or_many(&recipe["signing"], Value::clone);
        keys.into_iter().zip(algorithms).zip(signings).map(|((key, algorithm), signing)| Signature {
            key,
            algorithm,
            signing,
        })
    });
    signatures.collect()
}

/// A document is one recipe, or one that signs and one that encrypts what was signed.
fn recipes(document: &Value) -> Vec<&Value> {
    match (document.get("sign"), document.get("encrypt")) {
        (Some(sign), Some(encrypt)) => vec![sign, encrypt],
        _ => vec![document],
    }
}

fn one_or_many<T>(value: &Value, each: impl Fn(&Value) -> T) -> Vec<T> {
    if value.is_null() {
        return Vec::new();
    }
    value.as_array().map_or_else(|| vec![each(value)], |many| many.iter().map(&each).collect())
}

fn is_jwk(document: &Document) -> bool {
    document.path.starts_with("cookbook/jwk/")
}
