//! What an address turns out to lead to.

use redis::FromRedisValue;
use redis::Pipeline;
use redis::Value;
use redis::aio::MultiplexedConnection;

use crate::failure::Failure;

/// Asks a server that was just connected to what it is, and says so where it will be of no use, or only of some.
///
/// A server that does not know the questions, or whose user may not ask them, is taken as it is.
///
/// # Errors
///
/// It can only refuse what will be asked of it: it is a replica or a Sentinel. Or the connection broke.
pub(super) async fn check(connection: &mut MultiplexedConnection, address: &str) -> Result<(), Failure> {
    let mut questions = Pipeline::new();
    questions.cmd("ROLE").cmd("INFO").arg("cluster");
    let answers = connection.send_packed_commands(&questions, 0, 2).await;
    let answers = answers.map_err(|error| Failure::of(&error))?;
    match answers.first().and_then(role).as_deref() {
        Some("slave") => return Err(Failure::WrongServer(REPLICA)),
        Some("sentinel") => return Err(Failure::WrongServer(SENTINEL)),
        _ => {}
    }
    if answers.get(1).and_then(text).is_some_and(|info| info.contains("cluster_enabled:1")) {
        tracing::warn!(address, "{NODE}");
    }
    Ok(())
}

fn role(answer: &Value) -> Option<String> {
    let Value::Array(parts) = answer else { return None };
    text(parts.first()?)
}

/// `None` for an error, above all.
fn text(answer: &Value) -> Option<String> {
    String::from_redis_value_ref(answer).ok()
}

const REPLICA: &str = "replica, which takes no writes; give that of its primary";
const SENTINEL: &str = "Sentinel, which holds no data; give that of the primary it watches";
const NODE: &str = "the address of Redis is that of one node of a cluster, which refuses the keys of other nodes: give \
                    `Redis::from_connection` a connection of a cluster client, unless it is the only node";
