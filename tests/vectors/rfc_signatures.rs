//! The signed examples of RFC 7515, 8037 and 9449.

use std::slice;

use serde_json::Value;

use crate::access_token::Api;
use crate::jws::Jws;
use crate::source::Vectors;
use crate::source::list;
use crate::source::text;

#[test]
fn compact_examples_are_judged_as_labelled_and_are_no_access_tokens() {
    let Some(vectors) = Vectors::open() else { return };
    let (mut judged, mut accepted) = (0, 0);
    for file in ["rfc/rfc7515_examples.json", "rfc/rfc8037_eddsa.json"] {
        let file = vectors.json(file);
        for case in list(&file["tests"]).iter().filter(|case| case.get("jws").is_some()) {
            let jws = text(&case["jws"]);
            let keys = [case["key"].clone()];
            let expected = case["result"] == "valid" && case["key"]["kty"] != "oct";
            let verdict = Jws::read(jws).is_some_and(|jws| jws.is_signed_by(&keys));
            assert_eq!(verdict, expected, "{}", case["id"]);
            Api::guarded_by(&keys).refuses(jws);
            judged += 1;
            accepted += usize::from(verdict);
        }
    }
    assert_eq!((judged, accepted), (8, 4));
}

/// RFC 7519, section 1: a JWT is always in compact serialization.
#[test]
fn json_serializations_verify_and_are_no_access_tokens() {
    let Some(vectors) = Vectors::open() else { return };
    let file = vectors.json("rfc/rfc7515_examples.json");
    let cases = list(&file["tests"]);
    let signers: Vec<_> = cases.iter().map(|case| case["key"].clone()).filter(|key| !key.is_null()).collect();
    let mut verified = 0;
    for case in cases.iter().filter(|case| case.get("jws_json").is_some()) {
        let document = &case["jws_json"];
        let signatures = document["signatures"].as_array().map_or_else(|| slice::from_ref(document), Vec::as_slice);
        for signature in signatures {
            let [protected, signature] = ["protected", "signature"].map(|name| text(&signature[name]));
            let compact = format!("{protected}.{}.{signature}", text(&document["payload"]));
            let jws = Jws::read(&compact).unwrap();
            let signed_by = signers.iter().filter(|key| jws.is_signed_by(slice::from_ref(key)));
            assert_eq!(signed_by.count(), 1, "{}", case["id"]);
            verified += 1;
        }
        Api::guarded_by(&signers).refuses(&document.to_string());
    }
    assert_eq!(verified, 3);
}

#[test]
fn proofs_verify_by_the_key_within_and_are_no_access_tokens() {
    let Some(vectors) = Vectors::open() else { return };
    let file = vectors.json("rfc/rfc9449_dpop.json");
    let key = [file["public_key"].clone()];
    let api = Api::guarded_by(&key);
    let proofs = list(&file["tests"]).iter().filter_map(|case| Some((case, case["dpop"].as_str()?)));
    let mut verified = 0;
    for (case, proof) in proofs {
        api.refuses(proof);
        if case.get("derived_from").is_none() {
            assert_eq!(case["header"]["jwk"], key[0], "{}", case["id"]);
            assert!(is_signed_by(proof, &key), "{}", case["id"]);
            verified += 1;
        }
        if case["id"] == "rfc9449-bad-signature" {
            assert!(!is_signed_by(proof, &key));
        }
    }
    assert_eq!(verified, 3);
}

fn is_signed_by(compact: &str, keys: &[Value]) -> bool {
    Jws::read(compact).unwrap().is_signed_by(keys)
}
