//! Where used proofs are remembered: `dpop.replay`.

use claviger_core::DpopSettings;
use serde_json::Value;

use crate::config::redis;
use crate::config::section::Section;

/// `"memory"`, `"off"`, or a table that names a store.
pub(super) fn read(dpop: &mut Section, settings: DpopSettings) -> DpopSettings {
    match dpop.take("replay") {
        None => settings,
        Some(Value::String(name)) if name == "memory" => settings,
        Some(Value::String(name)) if name == "off" => settings.without_replay_detection(),
        Some(Value::Object(members)) if members.contains_key("memory") => {
            memory(dpop.inner(dpop.path_of("replay"), members), settings)
        }
        Some(Value::Object(members)) if members.contains_key("redis") => {
            shared(dpop.inner(dpop.path_of("replay"), members), settings)
        }
        Some(_) => {
            dpop.problem("replay", "must be \"memory\", { memory = bytes }, \"off\" or { redis = \"redis://…\" }");
            settings
        }
    }
}

fn memory(mut table: Section, settings: DpopSettings) -> DpopSettings {
    let max_bytes = table.count("memory");
    table.close();
    match max_bytes {
        Some(max_bytes) => settings.with_replay_memory(max_bytes),
        None => settings,
    }
}

#[cfg(feature = "redis")]
fn shared(table: Section, settings: DpopSettings) -> DpopSettings {
    match redis::read(table) {
        Some(redis) => settings.with_replay_store(redis.replay_store()),
        None => settings,
    }
}

#[cfg(not(feature = "redis"))]
#[expect(clippy::needless_pass_by_value, reason = "it is taken where the feature is on")]
fn shared(table: Section, settings: DpopSettings) -> DpopSettings {
    redis::refuse(&table);
    settings
}

#[cfg(feature = "redis")]
#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use claviger_core::error::Problems;
    use claviger_redis::Redis;
    use serde_json::json;

    use super::*;

    /// What was found to be wrong, and what came of it.
    fn outcome(replay: &Value) -> (Vec<(String, String)>, String) {
        let problems = Rc::<RefCell<Problems>>::default();
        let mut dpop =
            Section::root(json!({ "dpop": { "replay": replay } }), Rc::clone(&problems)).section("dpop").unwrap();
        let settings = read(&mut dpop, DpopSettings::default());
        let found = RefCell::take(&problems).into_result(()).err();
        let told = found.iter().flat_map(|error| error.problems()).map(|problem| {
            let told = problem.to_string();
            (problem.path().to_owned(), told)
        });
        (told.collect(), format!("{settings:?}"))
    }

    #[test]
    fn each_member_does_what_its_setter_does() {
        let file = json!({ "redis": "redis://:marker@127.0.0.1:7", "prefix": "p:", "deadline": "1s" });
        let redis = Redis::open("redis://127.0.0.1:7").unwrap().with_prefix("p:");
        let redis = redis.with_deadline(std::time::Duration::from_secs(1));
        let in_code = DpopSettings::default().with_replay_store(redis.replay_store());
        assert_eq!(outcome(&file), (vec![], format!("{in_code:?}")));
    }

    #[test]
    fn what_is_wrong_is_told_where_it_stands_and_without_the_password() {
        for (replay, paths) in [
            (json!({ "redis": "http://:marker@127.0.0.1" }), &["dpop.replay.redis"][..]),
            (json!({ "redis": "redis://:marker@127.0.0.1/marker" }), &["dpop.replay.redis"]),
            (json!({ "redis": 1 }), &["dpop.replay.redis"]),
            (json!({ "redis": "redis://127.0.0.1", "deadline": 0 }), &["dpop.replay.deadline"]),
            (json!({ "redis": { "file": "/nowhere/marked" } }), &["dpop.replay.redis"]),
            (json!({ "redis": { "env": "CLAVIGER_TEST_NOT_SET" } }), &["dpop.replay.redis"]),
            (json!({ "redis": { "file": "a", "env": "b" } }), &["dpop.replay.redis"]),
            (json!({ "redis": { "url": "marker" } }), &["dpop.replay.redis.url", "dpop.replay.redis"]),
            (
                json!({ "redis": "x", "prefix": 1, "color": 1 }),
                &["dpop.replay.redis", "dpop.replay.prefix", "dpop.replay.color"],
            ),
        ] {
            let (told, settings) = outcome(&replay);
            assert_eq!(told.iter().map(|(path, _)| path).collect::<Vec<_>>(), paths, "{replay}");
            assert!(!format!("{told:?} {settings}").contains("marker"), "{told:?}");
        }
    }
}
