//! The Redis that several instances share.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use redis::Client;
use redis::Cmd;
use redis::ConnectionInfo;
use redis::aio::ConnectionLike;

use crate::InvalidUrl;
use crate::RedisKeyStore;
use crate::RedisReplayStore;
use crate::address;
use crate::deadline::Deadline;
use crate::failure::Failure;
use crate::link::Given;
use crate::link::Link;
use crate::link::Reconnecting;
use crate::link::Sent;

/// A Redis that the instances of an API share, and the one connection to it of this instance.
///
/// Nothing is connected before it is needed, so a service starts while Redis is away. A connection that broke, or on which
/// a command got no answer within the deadline, is closed and made anew when it is needed next. Cloning is cheap, and clones
/// share the connection.
///
/// No error repeats anything that the server has written, because it may repeat what was sent to it, the password above
/// all. What the server is, is asked once it is connected (`ROLE`, `INFO cluster`): the error or the log says if it is a
/// replica, a Sentinel, or one node of a cluster. A user of its own (ACL) needs `+set +get +getrange` on the keys of the
/// prefix; without `+role +info` that is not asked.
///
/// # Defaults
///
/// | Setting | Default |
/// |---|---|
/// | prefix | `claviger:` |
/// | deadline | 100 ms |
///
/// ```
/// use claviger_redis::Redis;
///
/// let redis = Redis::open("rediss://api:a-password@redis.example.com:6380/2")?;
/// assert!(!format!("{redis:?}").contains("a-password"));
/// # Ok::<(), claviger_redis::InvalidUrl>(())
/// ```
#[derive(Clone)]
#[must_use]
pub struct Redis {
    link: Arc<dyn Link>,
    prefix: Arc<str>,
    deadline: Duration,
}

impl Redis {
    /// The Redis at this URL: `redis://user:password@host:port/database`, or `rediss://` for TLS with the roots of the
    /// platform, or `unix:///path?db=…&user=…&pass=…` for a socket. `?protocol=resp3` chooses the protocol, and there are
    /// no other parameters.
    ///
    /// Only the form is checked. `Debug` shows host and port, and no error repeats anything of it.
    ///
    /// # Errors
    ///
    /// [`InvalidUrl`].
    pub fn open(url: &str) -> Result<Self, InvalidUrl> {
        Ok(Self::over(Reconnecting::new(address::read(url)?)))
    }

    /// The Redis of a client that the application has: for certificates of its own, a name for the connection, or
    /// whatever else a URL cannot say. The connection is made here, as with [`open`](Self::open).
    ///
    /// ```
    /// use claviger_redis::Redis;
    /// use claviger_redis::redis::Client;
    ///
    /// let client = Client::open("redis://127.0.0.1:6379")?;
    /// let redis = Redis::from_client(client);
    /// # let _ = redis;
    /// # Ok::<(), claviger_redis::redis::RedisError>(())
    /// ```
    pub fn from_client(client: Client) -> Self {
        Self::over(Reconnecting::new(client))
    }

    /// A connection that the application has, and that makes itself anew when it broke: redis' `ConnectionManager`, or
    /// the `ClusterConnection` of a Redis Cluster. Its own timeouts should not be shorter than the deadline here.
    ///
    /// It cannot be replaced from here. When it goes deaf, it is for its own rules to notice: redis' `ConnectionManager`
    /// does only what the kernel does (`TcpSettings::set_user_timeout`, which helps where nothing is acknowledged any
    /// more). With [`open`](Self::open) and [`from_client`](Self::from_client) it is replaced.
    ///
    /// ```no_run
    /// use claviger_redis::Redis;
    /// use claviger_redis::redis::cluster::ClusterClient;
    ///
    /// # async fn connect() -> Result<Redis, Box<dyn std::error::Error>> {
    /// // With the feature `cluster`.
    /// let nodes = ["redis://10.0.0.1:6379", "redis://10.0.0.2:6379"];
    /// let connection = ClusterClient::new(nodes)?.get_async_connection().await?;
    /// Ok(Redis::from_connection(connection))
    /// # }
    /// ```
    pub fn from_connection(connection: impl ConnectionLike + Clone + Send + Sync + 'static) -> Self {
        Self::over(Given::new(connection))
    }

    /// What the names of all keys begin with: `claviger:` unless set. APIs that use the same tokens and differ in this
    /// know nothing of each other's proofs, and so must two configurations that judge the same request, one behind the
    /// other: the second would find the proof used.
    pub fn with_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into().into();
        self
    }

    /// How long an answer is waited for: 100 ms unless set. It is what a request costs at most while Redis is away.
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Used proofs, remembered here. See [`RedisReplayStore`].
    #[must_use]
    pub fn replay_store(&self) -> RedisReplayStore {
        RedisReplayStore::new(self.clone())
    }

    /// The issuers' keys, kept here. See [`RedisKeyStore`].
    pub fn key_store(&self) -> RedisKeyStore {
        RedisKeyStore::new(self.clone())
    }

    /// Sends `command`, in a task of its own: that no answer comes is noticed also where whoever has asked does not wait
    /// for it, because a client has gone away.
    pub(crate) async fn send(&self, command: Cmd, deadline: Deadline) -> Result<Sent, Failure> {
        let link = Arc::clone(&self.link);
        let sending = tokio::spawn(async move { link.send(&command, deadline).await });
        sending.await.unwrap_or(Err(Failure::GivenUp))
    }

    pub(crate) fn deadline(&self) -> Duration {
        self.deadline
    }

    /// The name of a key.
    pub(crate) fn name(&self, kind: &str, of: &str) -> String {
        format!("{}{kind}:{of}", self.prefix)
    }

    fn over(link: impl Link) -> Self {
        Self { link: Arc::new(link), prefix: "claviger:".into(), deadline: Duration::from_millis(100) }
    }
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis")
            .field("address", &self.link.address().map(ConnectionInfo::addr).map(ToString::to_string))
            .field("prefix", &self.prefix)
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}
