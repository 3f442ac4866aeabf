//! The JOSE sets of Wycheproof: at the level of the signature by their labels, and as access tokens, which none of
//! them is.

use std::collections::HashMap;

use claviger_core::error::Reason;
use serde_json::Value;

use crate::access_token::Api;
use crate::jws::Jws;
use crate::source::Vectors;
use crate::source::list;
use crate::source::text;
use crate::tally::Tally;

#[test]
fn signatures_are_judged_as_labelled() {
    let Some(vectors) = Vectors::open() else { return };
    assert_eq!(judge(&vectors, "json_web_signature_test"), 32);
}

#[test]
fn keys_are_judged_as_labelled() {
    let Some(vectors) = Vectors::open() else { return };
    assert_eq!(judge(&vectors, "json_web_key_test"), 1);
}

#[test]
fn the_mixed_set_is_judged_as_labelled() {
    let Some(vectors) = Vectors::open() else { return };
    assert_eq!(judge(&vectors, "json_web_crypto_test"), 2);
}

#[test]
fn nothing_encrypted_is_taken() {
    let Some(vectors) = Vectors::open() else { return };
    assert_eq!(judge(&vectors, "json_web_encryption_test"), 0);
}

/// The number of cases whose signature was accepted.
fn judge(vectors: &Vectors, set: &str) -> u64 {
    let file = vectors.json(&format!("wycheproof/{set}.json"));
    let overrides = Overrides::read(vectors, set);
    let mut tally = Tally::new(set);
    for group in list(&file["testGroups"]) {
        let keys = keys(group);
        let api = Api::guarded_by(&keys);
        for case in list(&group["tests"]) {
            let id = case["tcId"].as_u64().unwrap();
            let expected = overrides.label(id, text(&case["result"])) == "valid" && can_be_valid(case, &keys);
            let presented = presented(case);
            tally.record(id, expected, Jws::read(&presented).is_some_and(|jws| jws.is_signed_by(&keys)));
            let reason = api.refuses(&presented);
            assert!(case["jwe"].is_null() || reason == Reason::MalformedToken, "{set} {id}: {reason}");
        }
    }
    tally.settle(file["numberOfTests"].as_u64().unwrap())
}

/// An encrypted text and a symmetric signature are refused whatever the label says.
fn can_be_valid(case: &Value, keys: &[Value]) -> bool {
    !case["jws"].is_null() && keys.iter().all(|key| key["kty"] != "oct")
}

fn keys(group: &Value) -> Vec<Value> {
    let source = if group["public"].is_null() { &group["private"] } else { &group["public"] };
    source["keys"].as_array().cloned().unwrap_or_else(|| vec![source.clone()])
}

fn presented(case: &Value) -> String {
    let presented = if case["jwe"].is_null() { &case["jws"] } else { &case["jwe"] };
    presented.as_str().map_or_else(|| presented.to_string(), ToOwned::to_owned)
}

/// Where the labels of a set are wrong.
struct Overrides(HashMap<u64, Value>);

impl Overrides {
    fn read(vectors: &Vectors, set: &str) -> Self {
        let all = vectors.json("wycheproof/expected_overrides.json");
        let of_set = all[set].as_array().cloned().unwrap_or_default();
        Self(of_set.into_iter().map(|one| (one["tcId"].as_u64().unwrap(), one)).collect())
    }

    /// What is demanded of a case; where that is called a matter of policy, the label stands.
    fn label<'a>(&'a self, case: u64, label: &'a str) -> &'a str {
        let Some(corrected) = self.0.get(&case) else {
            return label;
        };
        assert_eq!(corrected["upstream"], label, "{case}: the label that is corrected is another one");
        match text(&corrected["strict"]) {
            "policy" => label,
            strict => strict,
        }
    }
}
