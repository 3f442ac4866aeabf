//! A whole configuration file.

use std::cell::RefCell;
use std::rc::Rc;

use claviger_core::KeySettings;
use claviger_core::Scopes;
use claviger_core::error::ConfigError;
use claviger_core::error::Problems;
use serde::Deserialize;
use serde::Deserializer;
use serde_json::Value;
use serde_json::json;

use crate::config::AuthConfig;
use crate::config::AuthConfigBuilder;
use crate::config::issuer;
use crate::config::section::Section;

/// # Errors
///
/// Every problem at once.
pub(crate) fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<AuthConfig, ConfigError> {
    let problems = Rc::default();
    let value = match Value::deserialize(deserializer) {
        Ok(value) => value,
        Err(error) => return unreadable(&error.to_string()),
    };
    let builder = sections(Section::root(value, Rc::clone(&problems)));
    let found = RefCell::take(&problems);
    builder.build_with(found)
}

/// Notes members whose feature this version has not, unless they ask for what is done anyway.
pub(crate) fn refuse_later(table: &mut Section, names: &[&str]) {
    for name in names {
        if table.take(name).is_some() {
            table.problem(name, NOT_YET);
        }
    }
}

fn unreadable(message: &str) -> Result<AuthConfig, ConfigError> {
    let mut problems = Problems::default();
    problems.add("configuration", message);
    let nothing = AuthConfigBuilder::new([]);
    problems.into_result(nothing)?.build()
}

fn sections(mut root: Section) -> AuthConfigBuilder {
    let issuers = root.each("issuers").into_iter().map(issuer::read).collect::<Vec<_>>();
    let mut builder = AuthConfigBuilder::new(issuers);
    if let Some(realm) = root.text("realm") {
        builder = builder.with_realm(realm);
    }
    if root.flag("optional") == Some(true) {
        builder = builder.allow_anonymous();
    }
    if let Some(bytes) = root.count("max_token_bytes") {
        builder = builder.with_max_token_bytes(bytes);
    }
    if let Some(words) = root.texts("challenge_scope") {
        match Scopes::new(&words) {
            Ok(scopes) => builder = builder.with_challenge_scope(scopes),
            Err(error) => root.problem("challenge_scope", error.to_string()),
        }
    }
    if let Some(table) = root.section("keys") {
        builder = builder.with_keys(keys(table));
    }
    later(&mut root);
    root.close();
    builder
}

fn keys(mut table: Section) -> KeySettings {
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
    if let Some(budget) = table.count("refetch_budget") {
        keys.refetch_budget = u32::try_from(budget).unwrap_or(u32::MAX);
    }
    table.close();
    keys
}

fn later(root: &mut Section) {
    let done_anyway = [
        ("sources", json!(["authorization"])),
        ("preflight", json!("refuse")),
        ("cookie_failure", json!("refuse")),
        ("cache", json!({"max_bytes": 0})),
        ("dpop", json!({"mode": "disabled"})),
    ];
    for (name, done) in done_anyway {
        if root.take(name).is_some_and(|asked| asked != done) {
            root.problem(name, format!("{NOT_YET}; what it does is {done}"));
        }
    }
    let names =
        ["resource", "public_url", "hosts", "trusted_proxies", "cookie_origins", "scopes_supported", "certificate"];
    refuse_later(root, &names);
}

const NOT_YET: &str = "is not supported by this version";
