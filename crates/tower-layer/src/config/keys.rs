//! How keys are fetched, how long they serve, and which store shares them: `[keys]`.

use claviger_core::KeySettings;
use serde_json::Value;

use crate::config::AuthConfigBuilder;
use crate::config::redis;
use crate::config::section::Section;

pub(super) fn read(mut table: Section, mut builder: AuthConfigBuilder) -> AuthConfigBuilder {
    builder = store(&mut table, builder);
    let keys = settings(&mut table);
    table.close();
    builder.with_keys(keys)
}

fn settings(table: &mut Section) -> KeySettings {
    let mut keys = KeySettings::default();
    let durations = [
        ("default_lifetime", &mut keys.default_lifetime),
        ("min_lifetime", &mut keys.min_lifetime),
        ("max_lifetime", &mut keys.max_lifetime),
        ("max_stale", &mut keys.max_stale),
        ("refetch_interval", &mut keys.refetch_interval),
        ("timeout", &mut keys.timeout),
        ("connect_timeout", &mut keys.connect_timeout),
        ("wait", &mut keys.wait),
    ];
    for (name, place) in durations {
        *place = table.duration(name).unwrap_or(*place);
    }
    for (name, place) in [("max_bytes", &mut keys.max_bytes), ("max_keys", &mut keys.max_keys)] {
        *place = table.count(name).unwrap_or(*place);
    }
    match table.count("refetch_budget").map(u32::try_from) {
        Some(Ok(budget)) => keys.refetch_budget = budget,
        Some(Err(_)) => table.problem("refetch_budget", "is too large"),
        None => {}
    }
    keys
}

/// A table that names a store.
fn store(table: &mut Section, builder: AuthConfigBuilder) -> AuthConfigBuilder {
    match table.take("store") {
        None => builder,
        Some(Value::Object(members)) if members.contains_key("redis") => {
            shared(table.inner(table.path_of("store"), members), builder)
        }
        Some(_) => {
            table.problem("store", "must be { redis = \"redis://…\" }; leave it out for none");
            builder
        }
    }
}

#[cfg(feature = "redis")]
fn shared(table: Section, builder: AuthConfigBuilder) -> AuthConfigBuilder {
    match redis::read(table) {
        Some(redis) => builder.with_key_store(redis.key_store()),
        None => builder,
    }
}

#[cfg(not(feature = "redis"))]
#[expect(clippy::needless_pass_by_value, reason = "it is taken where the feature is on")]
fn shared(table: Section, builder: AuthConfigBuilder) -> AuthConfigBuilder {
    redis::refuse(&table);
    builder
}

#[cfg(feature = "redis")]
#[cfg(test)]
mod tests {
    use claviger_core::Issuer;
    use claviger_redis::Redis;
    use serde_json::Value;
    use serde_json::json;

    use crate::config::AuthConfigBuilder;

    fn read(store: &Value) -> AuthConfigBuilder {
        let issuers = json!([{ "issuer": "https://i.example", "audience": "x" }]);
        AuthConfigBuilder::read(json!({ "issuers": issuers, "keys": { "store": store } }))
    }

    #[test]
    fn a_store_over_redis_is_what_its_setter_makes() {
        let file = read(&json!({ "redis": "redis://:marker@127.0.0.1:7", "prefix": "p:", "deadline": "1s" }));
        let redis = Redis::open("redis://127.0.0.1:7").unwrap().with_prefix("p:");
        let redis = redis.with_deadline(std::time::Duration::from_secs(1));
        let in_code = AuthConfigBuilder::new([Issuer::new("https://i.example", "x")]).with_key_store(redis.key_store());
        assert_eq!(format!("{file:#?}"), format!("{in_code:#?}"));
        // Nothing is connected, so a service starts while Redis is away.
        assert!(file.build().is_ok());
    }

    #[test]
    fn what_is_wrong_with_the_store_has_its_path_and_no_password() {
        for (store, path) in [
            (json!("memory"), "keys.store"),
            (json!({ "file": "keys.json" }), "keys.store"),
            (json!({ "redis": "http://:marker@127.0.0.1" }), "keys.store.redis"),
            (json!({ "redis": { "env": "CLAVIGER_TEST_NOT_SET" } }), "keys.store.redis"),
            (json!({ "redis": "redis://127.0.0.1", "lifetime": "1h" }), "keys.store.lifetime"),
        ] {
            let error = read(&store).build().unwrap_err();
            assert_eq!(error.problems()[0].path(), path, "{store}");
            assert!(!error.to_string().contains("marker"), "{error}");
        }
    }
}
