//! Used proofs (RFC 9449, section 11.1).

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::hash::Hasher;
use std::sync::LazyLock;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;

use claviger_core::ProofUse;
use claviger_core::ReplayFuture;
use claviger_core::ReplayStore;
use claviger_core::ReplayVerdict;
use redis::Cmd;
use redis::FromRedisValue;
use redis::Value;

use crate::Redis;
use crate::deadline::Deadline;
use crate::failure::Failure;

/// Remembers the uses of proofs for all instances that share a Redis and a prefix, so that none is used twice.
///
/// A use is one key, named by a digest of the proof's key and `jti`, that expires when the proof could no longer be
/// accepted; it is set by one `SET … NX PX` and so in one round trip, of which Redis lets one succeed.
///
/// ```no_run
/// use std::time::Duration;
///
/// use claviger_core::ProofUse;
/// use claviger_core::ReplayStore;
/// use claviger_core::ReplayVerdict;
/// use claviger_redis::Redis;
///
/// # async fn used() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// let store = Redis::open("redis://127.0.0.1:6379")?.replay_store();
/// let proof = ProofUse::new(&[7; 32], "jti", Duration::from_secs(330));
/// assert_eq!(store.record(&proof).await?, ReplayVerdict::FirstUse);
/// assert_eq!(store.record(&proof).await?, ReplayVerdict::Replayed);
/// # Ok(())
/// # }
/// ```
///
/// # While Redis is away
///
/// A request waits for the deadline at most. Then
/// [`StoreFailure`](claviger_core::StoreFailure) decides: it is answered 503, or accepted and counted. Where nobody
/// answered, Redis may still have recorded the use, or do so later. That errs on the safe side: the proof is refused
/// when it is sent again, and clients make a new one for each request anyway (RFC 9449, section 4.2). A use that was
/// recorded and whose answer was lost with the connection is found by its value on the next connection, within the same
/// deadline, and is the first use still.
///
/// A connection on which an answer did not come in time is closed, and the next command makes another one, at least 50 ms
/// after an attempt that failed. So one that goes deaf, acknowledging everything and answering nothing, costs one deadline,
/// and no command waits in memory for an answer that never comes.
///
/// # What holds, and what does not
///
/// | If Redis | then |
/// |---|---|
/// | is paused, unreachable, or restarted from a complete append-only file | no proof is accepted twice |
/// | is restarted without its data, or without the last second of them (`appendfsync everysec`) | proofs that were used before, and are lost, can be used once more until they expire |
/// | fails over to a replica | the same for uses that were not replicated yet; replication is asynchronous |
/// | is full, with `maxmemory-policy noeviction` (recommended) | new uses fail as if it were away, none is forgotten |
/// | is full, with any other policy | it may forget uses before their time, which can then be repeated: use a Redis of its own, or `noeviction` |
/// | has its clock set forward | uses expire earlier by as much; keep its clock in step |
/// | is a replica, or becomes one | each use fails with an error that says so, and the connection is made anew: it may lead to the new primary; that of [`Redis::from_connection`] is made by its own rules |
/// | is a Sentinel | each use fails with an error that says so |
/// | is one node of a cluster | uses whose slot another node has fail, and the log has a warning from the first connection on |
/// | serves instances whose `proof_max_age` differ | a use is forgotten when the instance that took it would no longer take it, and may pass once more where older proofs are taken |
///
/// No key has a share here, unlike in [`MemoryReplayStore`](claviger_core::MemoryReplayStore): to count its uses would
/// take a second command. A use takes about 200 bytes of Redis until it expires, so a client that sends 1,000 proofs a
/// second takes 66 MB; choose `maxmemory` with that in mind, and have rate limits in front of the API.
///
/// Where uses were accepted while Redis was away (`store_failure = "accept"`), nothing tells of them afterwards, except
/// those which reached it: such a proof may be accepted once more. Most did not, because a connection without answers is
/// closed.
#[derive(Clone, Debug)]
pub struct RedisReplayStore {
    redis: Redis,
}

impl RedisReplayStore {
    pub(crate) fn new(redis: Redis) -> Self {
        Self { redis }
    }

    async fn set(&self, proof: &ProofUse) -> Result<ReplayVerdict, Failure> {
        let deadline = Deadline::within(self.redis.deadline());
        let (name, mark) = (self.redis.name("dpop", &proof.name()), mark());
        let sent = self.redis.send(set_if_absent(&name, &mark, proof.lifetime()), deadline).await?;
        if sent.answer == Value::Okay {
            return Ok(ReplayVerdict::FirstUse);
        }
        if sent.answer != Value::Nil {
            return Err(Failure::Unexpected);
        }
        if sent.may_be_repeated && self.is_ours(&name, &mark, deadline).await? {
            return Ok(ReplayVerdict::FirstUse);
        }
        Ok(ReplayVerdict::Replayed)
    }

    /// Whether the command that was answered last has met itself.
    async fn is_ours(&self, name: &str, mark: &str, deadline: Deadline) -> Result<bool, Failure> {
        let mut command = redis::cmd("GET");
        command.arg(name);
        let held = self.redis.send(command, deadline).await?;
        let held = Option::<Vec<u8>>::from_redis_value(held.answer).map_err(|_| Failure::Unexpected)?;
        Ok(held.as_deref() == Some(mark.as_bytes()))
    }
}

impl ReplayStore for RedisReplayStore {
    fn record<'a>(&'a self, proof: &'a ProofUse) -> ReplayFuture<'a> {
        Box::pin(async { Ok(self.set(proof).await?) })
    }

    fn deadline(&self) -> Duration {
        self.redis.deadline()
    }
}

fn set_if_absent(name: &str, mark: &str, lifetime: Duration) -> Cmd {
    let mut command = redis::cmd("SET");
    command.arg(name).arg(mark).arg("NX").arg("PX").arg(milliseconds(lifetime));
    command
}

/// Rounded up, because a use that is forgotten early can be repeated. Redis refuses none, and more than it can add to
/// the time.
pub(crate) fn milliseconds(lifetime: Duration) -> u64 {
    let rounded = lifetime.as_nanos().div_ceil(1_000_000).max(1);
    u64::try_from(rounded).unwrap_or(u64::MAX).min(LONGEST)
}

/// Different for each use, in all processes that share a Redis.
fn mark() -> String {
    static PROCESS: LazyLock<u64> = LazyLock::new(|| RandomState::new().build_hasher().finish());
    static USES: AtomicU64 = AtomicU64::new(0);
    format!("{:x}-{:x}", *PROCESS, USES.fetch_add(1, Ordering::Relaxed))
}

/// In milliseconds: 146 million years.
const LONGEST: u64 = u64::MAX / 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lifetimes_are_rounded_up_and_never_none() {
        for (lifetime, expected) in [
            (Duration::ZERO, 1),
            (Duration::from_nanos(1), 1),
            (Duration::from_millis(1), 1),
            (Duration::from_nanos(1_000_001), 2),
            (Duration::from_secs(330), 330_000),
            (Duration::from_secs_f64(330.0001), 330_001),
            (Duration::MAX, LONGEST),
        ] {
            assert_eq!(milliseconds(lifetime), expected, "{lifetime:?}");
        }
    }

    #[test]
    fn no_two_uses_have_one_mark() {
        assert_ne!(mark(), mark());
    }
}
