//! A Redis that instances share, as `dpop.replay` and `keys.store` name it: `{ redis = "redis://…" }`.

#[cfg(feature = "redis")]
use claviger_redis::Redis;
#[cfg(feature = "redis")]
use serde_json::Value;

#[cfg(feature = "redis")]
use crate::config::secret;
#[cfg(feature = "redis")]
use crate::config::secret::Secret;
use crate::config::section::Section;

/// Reads the table; nothing is connected yet.
#[cfg(feature = "redis")]
pub(super) fn read(mut table: Section) -> Option<Redis> {
    let redis = url(&mut table)
        .and_then(|url| Redis::open(&url).map_err(|error| table.problem("redis", error.to_string())).ok());
    let (prefix, deadline) = (table.text("prefix"), table.duration("deadline"));
    if deadline.is_some_and(|deadline| deadline.is_zero()) {
        table.problem("deadline", "must be more than 0");
    }
    table.close();
    let mut redis = redis?;
    if let Some(prefix) = prefix {
        redis = redis.with_prefix(prefix);
    }
    if let Some(deadline) = deadline {
        redis = redis.with_deadline(deadline);
    }
    Some(redis)
}

/// Notes that this build has no Redis.
#[cfg(not(feature = "redis"))]
pub(super) fn refuse(table: &Section) {
    table.problem("redis", "needs the feature \"redis\" of the crate claviger");
}

/// It may hold a password, and then stands in a file or a variable; one line break at its end is not part of it.
#[cfg(feature = "redis")]
fn url(table: &mut Section) -> Option<String> {
    const FORM: &str = "must be a URL, { file = \"…\" } or { env = \"…\" }";
    let mut place = match table.take("redis")? {
        Value::String(url) => return Some(url),
        Value::Object(members) => table.inner(table.path_of("redis"), members),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => {
            table.problem("redis", FORM);
            return None;
        }
    };
    let secret = secret::read(&mut place);
    place.close();
    let read = match secret {
        Some(Secret::InFile(path)) => std::fs::read_to_string(path).map_err(|error| format!("cannot be read: {error}")),
        Some(Secret::InVariable(name)) => {
            std::env::var(name).map_err(|_| "names an environment variable that is not set".to_owned())
        }
        None => Err(FORM.to_owned()),
    };
    let url = read.map_err(|problem| table.problem("redis", problem)).ok()?;
    Some(url.strip_suffix('\n').map_or_else(|| url.clone(), str::to_owned))
}
