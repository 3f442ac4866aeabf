//! What is said of claims that do not fit, against what must never be said.

use std::collections::BTreeMap;
use std::collections::HashMap;

use serde::Deserialize;
use serde::Deserializer;
use serde::de::Error;
use serde_json::Value;
use serde_json::json;

use super::*;

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "only read")]
struct User {
    email: String,
    #[serde(default)]
    roles: Vec<String>,
    age: Option<u8>,
    plan: Option<Plan>,
    team: Option<Team>,
    #[serde(default)]
    devices: BTreeMap<String, u64>,
    #[serde(default)]
    by_number: HashMap<u16, bool>,
    checked: Option<Checked>,
    pair: Option<(u8, u8)>,
    raw: Option<Vec<Team>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(dead_code, reason = "only read")]
enum Plan {
    Free,
    Paid { seats: u8 },
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only read")]
struct Team {
    id: u64,
    members: Vec<Member>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "only read")]
struct Member {
    name: String,
}

#[derive(Debug)]
struct Checked;

impl<'de> Deserialize<'de> for Checked {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text == "good" { Ok(Self) } else { Err(D::Error::custom(format!("{text} is not good"))) }
    }
}

/// With this member of a payload that fits otherwise.
fn user(name: &str, value: Value) -> String {
    let mut payload = json!({ "email": "user@example.com" });
    payload[name] = value;
    payload.to_string()
}

/// Whether serde_json refuses it too, and what we say.
fn explained<C: DeserializeOwned>(payload: &str) -> String {
    assert!(serde_json::from_str::<C>(payload).is_err(), "{payload}");
    explain::<C>(payload)
}

#[test]
fn the_field_and_what_it_should_be_are_named() {
    for (name, value, expected) in [
        ("email", json!(["marker"]), "invalid type: expected a string at `email`"),
        ("roles", json!(["a", 5]), "invalid type: expected a string at `roles[1]`"),
        ("roles", json!("marker"), "invalid type: expected a sequence at `roles`"),
        ("age", json!(4711), "invalid value: expected u8 at `age`"),
        ("age", json!("4711"), "invalid type: expected u8 at `age`"),
        ("age", json!(-4711), "invalid value: expected u8 at `age`"),
        ("age", json!(47.11), "invalid type: expected u8 at `age`"),
        ("plan", json!("marker"), "unknown variant: expected one of `free`, `paid` at `plan`"),
        ("plan", json!({ "paid": { "seats": "4711" } }), "invalid type: expected u8 at `plan.paid.*`"),
        ("team", json!({ "id": 1 }), "missing field `members` at `team`"),
        ("team", json!({ "id": 1, "members": [{ "name": "a" }, {}] }), "missing field `name` at `team.members[1]`"),
        (
            "team",
            json!({ "id": 1, "members": [], "marker": 1 }),
            "unknown field: expected one of `id`, `members` at `team.*`",
        ),
        ("devices", json!({ "marker": "4711" }), "invalid type: expected u64 at `devices.*`"),
        ("by_number", json!({ "7": true, "marker": true }), "invalid type: expected u16 at `by_number.*`"),
        ("checked", json!("marker"), "a value that the type rejects at `checked`"),
        ("pair", json!([1]), "invalid length: expected a tuple of size 2 at `pair`"),
    ] {
        assert_eq!(explained::<User>(&user(name, value)), expected);
    }
    assert_eq!(explained::<User>(r#"{"sub":"marker"}"#), "missing field `email`");
    assert_eq!(explained::<Vec<String>>(r#"{"sub":"marker"}"#), "invalid type: expected a sequence");
}

#[test]
fn what_fits_is_read_like_by_serde_json() {
    for (name, value) in [
        ("roles", json!(["a", "b\n"])),
        ("age", json!(null)),
        ("age", json!(255)),
        ("plan", json!("free")),
        ("plan", json!({ "paid": { "seats": 3 } })),
        ("team", json!({ "id": u64::MAX, "members": [{ "name": "a", "x": {} }] })),
        ("by_number", json!({ "7": true })),
        ("checked", json!("good")),
        ("pair", json!([1, 2])),
        ("other", json!({ "a": [null, -1, 1.5, true] })),
    ] {
        let payload = user(name, value);
        let theirs = serde_json::from_str::<User>(&payload).unwrap();
        let ours = User::deserialize(Reader::root(&payload)).unwrap();
        assert_eq!(format!("{ours:?}"), format!("{theirs:?}"));
        let value = Value::deserialize(Reader::root(&payload)).unwrap();
        assert_eq!(value, serde_json::from_str::<Value>(&payload).unwrap());
    }
}

#[test]
fn what_only_serde_json_refuses_is_said_without_its_words() {
    let payload = r#"{"huge":1e400}"#;
    assert_eq!(explained::<Value>(payload), "a value that the type rejects");
}

#[test]
fn untagged_and_flattened_types_are_explained_as_far_as_they_can_be() {
    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only read")]
    struct Flat {
        sub: String,
        #[serde(flatten)]
        rest: Rest,
    }
    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only read")]
    struct Rest {
        tier: u8,
    }
    #[derive(Debug, Deserialize)]
    #[serde(untagged)]
    #[expect(dead_code, reason = "only read")]
    enum Either {
        Number(u8),
        Text(String),
    }
    assert_eq!(explained::<Flat>(r#"{"sub":"u"}"#), "missing field `tier`");
    assert_eq!(explained::<Flat>(r#"{"sub":"u","tier":"marker"}"#), "invalid type: expected u8");
    let either = explained::<HashMap<String, Either>>(r#"{"marker":["marker"]}"#);
    assert_eq!(either, "a value that the type rejects at `marker`", "the name of a claim is shown");
}
