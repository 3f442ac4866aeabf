//! What the cache of verified tokens makes of the memory of a process, whatever type handlers take the claims as.
//!
//! A binary with one test, because other tests would grow beside it.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop there")]

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::hint::black_box;

use allocation_counter::measure;
use claviger_bench::KeyKind;
use claviger_bench::resident_kib;
use claviger_core::Issuer;
use claviger_core::Verification;
use claviger_core::VerifiedToken;
use claviger_core::Verifier;
use claviger_testing::TestIssuer;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::json;
use serde_json::value::RawValue;

const BOUND: usize = 4 << 20;
/// Of each shape; they take more than twice the bound as they are.
const TOKENS: usize = 600;

/// A few bytes of JSON each, and hundreds in memory.
#[derive(Deserialize)]
#[expect(dead_code, reason = "only what it takes matters")]
struct Wide {
    #[serde(default)]
    nulls: Vec<Option<[u64; 32]>>,
    #[serde(default)]
    objects: Vec<BTreeMap<String, Value>>,
    #[serde(flatten)]
    others: HashMap<String, Value>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "only what it takes matters")]
struct Node {
    #[serde(default)]
    nested: Vec<Self>,
    #[serde(default)]
    names: Vec<String>,
    room: Option<Box<[u64; 8]>>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "only what it takes matters")]
struct User {
    sub: String,
    client_id: Option<String>,
}

#[test]
fn growth_is_at_most_twice_the_bound_for_any_claims_type() {
    let issuer = TestIssuer::builder().with_key(KeyKind::Ed25519.generate()).in_memory();
    let shapes = [
        ("numbers", json!(vec![1; 1500])),
        ("nulls", json!(vec![Value::Null; 600])),
        ("objects", json!(vec![json!({ "a": 1 }); 400])),
        ("names", json!(vec!["a"; 800])),
        ("nested", json!(vec![json!({ "nested": [{ "nested": [{}] }] }); 80])),
        ("pad", json!("x".repeat(3000))),
    ];
    let mint = |(name, value): &(&str, Value)| issuer.token().claim(*name, value.clone()).sign();
    let tokens: Vec<_> = (0..TOKENS).flat_map(|_| shapes.iter().map(mint)).collect();
    let measured =
        Measured { trusted: Issuer::new(issuer.url(), "https://api.example.com").with_jwks(issuer.jwks()), tokens };
    // What happens once in a process happens here.
    measured.take::<User>(&measured.verifier(), 1);
    let before = resident_kib();
    measured.bounds::<User>();
    measured.bounds::<Value>();
    measured.bounds::<Wide>();
    measured.bounds::<Node>();
    measured.bounds::<BTreeMap<String, Value>>();
    measured.bounds::<Box<RawValue>>();
    let grown = resident_kib().saturating_sub(before) * 1024;
    assert!(grown <= 2 * BOUND, "{grown} bytes more are resident, with a bound of {BOUND}");
}

struct Measured {
    trusted: Issuer,
    tokens: Vec<String>,
}

impl Measured {
    fn verifier(&self) -> Verifier {
        Verifier::builder(self.trusted.clone()).with_cache_bytes(BOUND).keep_presented_token().build().unwrap()
    }

    fn bounds<C: DeserializeOwned + Send + Sync + 'static>(&self) {
        let verifier = self.verifier();
        let info = measure(|| self.take::<C>(&verifier, self.tokens.len()));
        let (of, status) = (std::any::type_name::<C>(), verifier.cache_status());
        println!("{of}: {} bytes are left, {status:?}", info.bytes_current);
        assert!(status.bytes <= BOUND as u64 && status.tokens > 0, "{of}: {status:?}");
        assert!(info.bytes_current <= 2 * BOUND as i64, "{of}: {} bytes are left", info.bytes_current);
    }

    /// Verifies the first so many tokens, and takes their claims as a handler does.
    fn take<C: DeserializeOwned + Send + Sync + 'static>(&self, verifier: &Verifier, count: usize) {
        for token in &self.tokens[..count] {
            // Many types read the same text, and a text that is no `Node` takes nothing.
            let _ = black_box(verified(verifier, token).claims::<C>());
        }
    }
}

fn verified(verifier: &Verifier, token: &str) -> VerifiedToken {
    match verifier.begin(token) {
        Verification::Decided(verdict) => verdict.unwrap(),
        Verification::Waiting(_) => panic!("the keys are at hand"),
    }
}
