//! What types of all kinds take, counted and as it follows from their parts.

use std::collections::BTreeMap;
use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::*;

fn bytes<C: DeserializeOwned>(payload: &str) -> usize {
    read::<C>(payload).unwrap().1
}

/// It is serde_json's own reading.
#[test]
fn what_is_read_is_what_serde_json_reads() {
    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "snake_case")]
    enum Plan {
        Free,
        Paid { seats: u8 },
        Trial(u8),
        Pair(u8, u8),
    }
    #[derive(Debug, Deserialize, PartialEq)]
    struct Boxed(Box<[Option<String>]>);
    #[derive(Debug, Deserialize, PartialEq)]
    struct User {
        sub: String,
        #[serde(default)]
        plans: Vec<Plan>,
        list: Boxed,
        number: i128,
        flag: bool,
        letter: char,
        unit: (),
        #[serde(flatten)]
        others: BTreeMap<String, Value>,
    }
    let payload = r#"{
        "sub": "alice \u00e9", "plans": ["free", {"paid": {"seats": 3}}, {"trial": 2}, {"pair": [1, 2]}],
        "list": ["a", null], "number": -5, "flag": true, "letter": "x", "unit": null,
        "more": {"deep": [1, 2.5, null, "b"]}, "exp": 1
    }"#;
    assert_eq!(read::<User>(payload).unwrap().0, serde_json::from_str(payload).unwrap());
    assert_eq!(read::<Value>(payload).unwrap().0, serde_json::from_str::<Value>(payload).unwrap());
    assert_eq!(read::<Box<RawValue>>("{\"a\": 1}").unwrap().0.get(), "{\"a\": 1}");
    for wrong in ["{", "{}", r#"{"sub":1}"#, "{} {}", "[]"] {
        let (ours, theirs) = (read::<User>(wrong).map(|_| ()), serde_json::from_str::<User>(wrong).map(|_| ()));
        assert_eq!(ours.unwrap_err().to_string(), theirs.unwrap_err().to_string(), "{wrong}");
    }
}

#[test]
fn what_is_not_read_is_not_counted() {
    #[derive(Deserialize)]
    struct User {
        #[expect(dead_code, reason = "only that it is read matters")]
        sub: String,
    }
    let short = bytes::<User>(r#"{"sub":"alice"}"#);
    assert_eq!(bytes::<User>(&format!(r#"{{"sub":"alice","pad":"{}"}}"#, "x".repeat(10_000))), short);
    assert!((5..200).contains(&short), "{short}");
}

#[test]
fn elements_count_by_their_size_and_not_by_their_text() {
    let list = |element: &str| format!("[{}]", vec![element; 1000].join(","));
    // A list that has grown by doubling holds room for up to twice as many.
    assert!(bytes::<Vec<Value>>(&list("1")) >= 1000 * size_of::<Value>());
    assert!(bytes::<Vec<Option<[u64; 16]>>>(&list("null")) >= 1000 * 128);
    assert!(bytes::<Vec<Box<[u64; 4]>>>(&list("[1,2,3,4]")) >= 1000 * (8 + 32));
    assert!(bytes::<Vec<u8>>(&list("1")) <= 4000);
    assert!(bytes::<HashMap<u64, u8>>("{}") < 64 + size_of::<HashMap<u64, u8>>());
}

#[test]
fn entries_count_by_their_size() {
    let entries: Vec<_> = (0..1000).map(|at| format!("\"{at}\":null")).collect();
    let map = format!("{{{}}}", entries.join(","));
    for counted in [
        bytes::<BTreeMap<String, Option<[u64; 8]>>>(&map) / size_of::<(String, Option<[u64; 8]>)>(),
        bytes::<HashMap<u64, Option<[u64; 8]>>>(&map) / size_of::<(u64, Option<[u64; 8]>)>(),
    ] {
        assert!((1000..4000).contains(&counted), "{counted}");
    }
    // Each of many small ones has room for several entries.
    let small = format!("[{}]", vec![r#"{"1":null}"#; 100].join(","));
    assert!(bytes::<Vec<BTreeMap<u64, Option<u64>>>>(&small) >= 100 * 11 * 24);
}
