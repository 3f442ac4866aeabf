//! The issuers' keys.

use std::error::Error;
use std::time::Duration;

use claviger_core::KeySnapshot;
use claviger_core::KeyStore;
use claviger_core::StoreFuture;
use redis::Cmd;
use redis::FromRedisValue;
use redis::Value;

use crate::Redis;
use crate::deadline::Deadline;
use crate::failure::Failure;
use crate::failure::TooLarge;
use crate::replay::milliseconds;

/// Keeps the issuers' keys for all instances that share a Redis and a prefix, so that one fetch serves them all.
///
/// Whoever can write to this Redis can forge tokens: it needs a password or certificates, TLS where others share the
/// network, and nobody else's data. Whatever goes wrong is a miss, and the issuer is asked.
///
/// Issuers that are found at run time are kept too, one more a second at the most: where clients can name any number of
/// them, keep used proofs in another Redis, which these would otherwise fill.
///
/// # Defaults
///
/// | Setting | Default |
/// |---|---|
/// | lifetime | 24 h |
/// | the largest snapshot | 1 MiB |
///
/// ```
/// use claviger_core::Issuer;
/// use claviger_core::Verifier;
/// use claviger_redis::Redis;
///
/// let redis = Redis::open("redis://127.0.0.1:6379")?;
/// let issuer = Issuer::new("https://issuer.example", "https://api.example.com");
/// let verifier = Verifier::builder(issuer).with_key_store(redis.key_store()).build()?;
/// assert_eq!(verifier.status().len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct RedisKeyStore {
    redis: Redis,
    lifetime: Duration,
    max_bytes: usize,
}

impl RedisKeyStore {
    pub(crate) fn new(redis: Redis) -> Self {
        Self { redis, lifetime: Duration::from_secs(24 * 60 * 60), max_bytes: 1024 * 1024 }
    }

    /// How long Redis keeps a snapshot that is not replaced: 24 h unless set. How long its keys are believed is another
    /// matter, and decided where they are read.
    pub fn with_lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// The largest snapshot that is written or read, as JSON: 1 MiB unless set.
    pub fn with_max_bytes(mut self, bytes: usize) -> Self {
        self.max_bytes = bytes;
        self
    }

    async fn read(&self, issuer: &str) -> Result<Option<KeySnapshot>, Box<dyn Error + Send + Sync>> {
        // One byte more than may be, and never all of what somebody has put there.
        let mut command = redis::cmd("GETRANGE");
        command.arg(self.redis.name("keys", issuer)).arg(0).arg(self.max_bytes);
        let json = Vec::<u8>::from_redis_value(self.send(command).await?).map_err(|_| Failure::Unexpected)?;
        self.check(&json)?;
        if json.is_empty() { Ok(None) } else { Ok(serde_json::from_slice(&json)?) }
    }

    async fn write(&self, snapshot: &KeySnapshot) -> Result<(), Box<dyn Error + Send + Sync>> {
        let json = serde_json::to_vec(snapshot)?;
        self.check(&json)?;
        let mut command = redis::cmd("SET");
        command.arg(self.redis.name("keys", snapshot.issuer())).arg(json).arg("PX").arg(milliseconds(self.lifetime));
        self.send(command).await?;
        Ok(())
    }

    fn check(&self, json: &[u8]) -> Result<(), TooLarge> {
        if json.len() > self.max_bytes { Err(TooLarge(self.max_bytes)) } else { Ok(()) }
    }

    async fn send(&self, command: Cmd) -> Result<Value, Failure> {
        Ok(self.redis.send(command, Deadline::within(self.redis.deadline())).await?.answer)
    }
}

impl KeyStore for RedisKeyStore {
    fn get<'a>(&'a self, issuer: &'a str) -> StoreFuture<'a, Option<KeySnapshot>> {
        Box::pin(self.read(issuer))
    }

    fn put<'a>(&'a self, snapshot: &'a KeySnapshot) -> StoreFuture<'a, ()> {
        Box::pin(self.write(snapshot))
    }
}
