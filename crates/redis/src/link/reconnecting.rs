//! A connection that is made when it is needed first, and anew when it is needed after it broke.
//!
//! redis' own `ConnectionManager` needs a runtime when it is built, gives the failure of an old attempt to the request
//! after it, and keeps a connection to a server that has become a read-only replica.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use futures_util::future::Shared;
use redis::AsyncConnectionConfig;
use redis::Client;
use redis::Cmd;
use redis::ConnectionInfo;
use redis::ErrorKind;
use redis::RedisError;
use redis::RedisResult;
use redis::ServerErrorKind;
use redis::Value;
use redis::aio::MultiplexedConnection;

use self::Failure::Broken;
use self::Failure::Failed;
use crate::link::Link;
use crate::link::Sending;
use crate::link::Sent;

pub(crate) struct Reconnecting {
    client: Client,
    current: Arc<Current>,
}

/// The attempt to connect that all requests wait for, or whose connection they share.
#[derive(Default)]
struct Current(Mutex<Option<Attempt>>);

/// Why there is no answer.
enum Failure {
    /// Another connection may fare better, and will be made.
    Broken(RedisError),
    Failed(RedisError),
}

type Attempt = Shared<BoxFuture<'static, RedisResult<MultiplexedConnection>>>;

impl Reconnecting {
    pub(crate) fn new(client: Client) -> Self {
        Self { client, current: Arc::default() }
    }

    async fn deliver(&self, command: &Cmd) -> Result<Sent, RedisError> {
        match self.try_once(command).await {
            // Redis closes connections that are idle, and those of before it was restarted: that is no reason to refuse
            // a request. Whether the command got there before is not known.
            Err(Broken(_)) => match self.try_once(command).await {
                Ok(answer) => Ok(Sent { answer, may_be_repeated: true }),
                Err(Broken(error) | Failed(error)) => Err(error),
            },
            Err(Failed(error)) => Err(error),
            Ok(answer) => Ok(Sent { answer, may_be_repeated: false }),
        }
    }

    async fn try_once(&self, command: &Cmd) -> Result<Value, Failure> {
        let attempt = self.attempt();
        let mut connection = attempt.clone().await.map_err(|error| {
            self.current.forget(&attempt);
            Failed(error)
        })?;
        connection.send_packed_command(command).await.and_then(Value::extract_error).map_err(|error| {
            if !is_broken(&error) {
                return Failed(error);
            }
            self.current.forget(&attempt);
            Broken(error)
        })
    }

    /// The one that is under way or has succeeded, or a new one.
    fn attempt(&self) -> Attempt {
        let mut current = self.current.lock();
        if let Some(attempt) = &*current {
            return attempt.clone();
        }
        // A task of its own: whoever asks may give up before it succeeds, and the next one profits. Its runtime may end
        // before, or it may panic, and neither is the end of those who ask later.
        let connecting = tokio::spawn(connect(self.client.clone()));
        let attempt = connecting.map(|ended| ended.unwrap_or_else(|_| Err(given_up()))).boxed().shared();
        *current = Some(attempt.clone());
        drop(current);
        let (begun, place) = (attempt.clone(), Arc::clone(&self.current));
        drop(tokio::spawn(async move {
            if begun.clone().await.is_err() {
                place.forget(&begun);
            }
        }));
        attempt
    }
}

impl Link for Reconnecting {
    fn send<'a>(&'a self, command: &'a Cmd) -> Sending<'a> {
        Box::pin(self.deliver(command))
    }

    fn address(&self) -> Option<&ConnectionInfo> {
        Some(self.client.get_connection_info())
    }
}

impl Current {
    /// Unless another one has taken its place.
    fn forget(&self, attempt: &Attempt) {
        let mut current = self.lock();
        if current.as_ref().is_some_and(|current| current.ptr_eq(attempt)) {
            *current = None;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Attempt>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn connect(client: Client) -> RedisResult<MultiplexedConnection> {
    provide_cryptography();
    // Who sends a command has a deadline for the answer.
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(CONNECT_TIMEOUT))
        .set_response_timeout(None)
        .set_pipeline_buffer_size(PIPELINE);
    client.get_multiplexed_async_connection_with_config(&config).await
}

fn given_up() -> RedisError {
    (ErrorKind::Io, "the attempt to connect was given up").into()
}

/// Where a program has two providers, or none, rustls would panic when it is asked for one.
fn provide_cryptography() {
    #[cfg(feature = "rustls")]
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // An error says that another thread was faster.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    }
}

/// Whether another connection may fare better: this one is closed, or leads to a server that has become a replica.
fn is_broken(error: &RedisError) -> bool {
    error.is_unrecoverable_error() || error.kind() == ErrorKind::Server(ServerErrorKind::ReadOnly)
}

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// Commands that wait to be written, before whoever sends one has to wait.
const PIPELINE: usize = 1024;
