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
use redis::ServerErrorKind;
use redis::Value;
use redis::aio::MultiplexedConnection;
use tokio::time::Instant;
use tokio::time::sleep_until;

use self::NoAnswer::Broken;
use self::NoAnswer::Failed;
use crate::deadline::Deadline;
use crate::failure::Failure;
use crate::link::Link;
use crate::link::Sending;
use crate::link::Sent;
use crate::link::server;

pub(crate) struct Reconnecting {
    client: Client,
    current: Arc<Current>,
}

/// The attempt to connect that all requests wait for, or whose connection they share.
#[derive(Default)]
struct Current(Mutex<State>);

#[derive(Default)]
struct State {
    attempt: Option<Attempt>,
    /// When the next attempt may begin, after one has failed.
    not_before: Option<Instant>,
}

/// Why there is no answer.
enum NoAnswer {
    /// Another connection may fare better, and will be made.
    Broken(Failure),
    Failed(Failure),
}

type Attempt = Shared<BoxFuture<'static, Result<MultiplexedConnection, Failure>>>;

impl Reconnecting {
    pub(crate) fn new(client: Client) -> Self {
        Self { client, current: Arc::default() }
    }

    async fn deliver(&self, command: &Cmd, deadline: Deadline) -> Result<Sent, Failure> {
        match self.try_once(command, deadline).await {
            // Redis closes connections that are idle, and those of before it was restarted: that is no reason to refuse
            // a request. Whether the command got there before is not known.
            Err(Broken(_)) => match self.try_once(command, deadline).await {
                Ok(answer) => Ok(Sent { answer, may_be_repeated: true }),
                Err(Broken(failure) | Failed(failure)) => Err(failure),
            },
            Err(Failed(failure)) => Err(failure),
            Ok(answer) => Ok(Sent { answer, may_be_repeated: false }),
        }
    }

    async fn try_once(&self, command: &Cmd, deadline: Deadline) -> Result<Value, NoAnswer> {
        let attempt = self.attempt();
        // An attempt has a deadline of its own, and goes on for those who come later.
        let connected = deadline.of(attempt.clone()).await.map_err(Failed)?;
        let mut connection = connected.map_err(|failure| {
            self.current.give_up(&attempt);
            Failed(failure)
        })?;
        let answered = deadline.of(connection.send_packed_command(command)).await.map_err(|failure| {
            // Whether the server is slow or nobody is there any more cannot be told, and a connection is cheap: kept, a dead
            // one would swallow each command to come. It is closed when those have given up too that wait on it.
            self.current.replace(&attempt);
            Failed(failure)
        })?;
        answered.and_then(Value::extract_error).map_err(|error| {
            let failure = Failure::of(&error);
            if !is_broken(&error) {
                return Failed(failure);
            }
            self.current.replace(&attempt);
            Broken(failure)
        })
    }

    /// The one that is under way or has succeeded, or a new one.
    fn attempt(&self) -> Attempt {
        let mut current = self.current.lock();
        if let Some(attempt) = &current.attempt {
            return attempt.clone();
        }
        // A task of its own: whoever asks may give up before it succeeds, and the next one profits. Its runtime may end
        // before, or it may panic, and neither is the end of those who ask later.
        let connecting = tokio::spawn(connect(self.client.clone(), current.not_before.take()));
        let attempt = connecting.map(|ended| ended.unwrap_or(Err(Failure::GivenUp))).boxed().shared();
        current.attempt = Some(attempt.clone());
        drop(current);
        let (begun, place) = (attempt.clone(), Arc::clone(&self.current));
        drop(tokio::spawn(async move {
            if begun.clone().await.is_err() {
                place.give_up(&begun);
            }
        }));
        attempt
    }
}

impl Link for Reconnecting {
    fn send<'a>(&'a self, command: &'a Cmd, deadline: Deadline) -> Sending<'a> {
        Box::pin(self.deliver(command, deadline))
    }

    fn address(&self) -> Option<&ConnectionInfo> {
        Some(self.client.get_connection_info())
    }
}

impl Current {
    /// Has another connection made when it is needed, unless another one has taken its place.
    fn replace(&self, attempt: &Attempt) {
        let mut current = self.lock();
        current.attempt.take_if(|current| current.ptr_eq(attempt));
    }

    /// The same for an attempt that has failed: the next one waits for a moment.
    fn give_up(&self, attempt: &Attempt) {
        let mut current = self.lock();
        if current.attempt.take_if(|current| current.ptr_eq(attempt)).is_some() {
            current.not_before = Some(Instant::now() + BACK_OFF);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn connect(client: Client, not_before: Option<Instant>) -> Result<MultiplexedConnection, Failure> {
    provide_cryptography();
    if let Some(not_before) = not_before {
        sleep_until(not_before).await;
    }
    // Who sends a command has a deadline for the answer.
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(None)
        .set_response_timeout(None)
        .set_pipeline_buffer_size(PIPELINE);
    let connecting = async {
        let connected = client.get_multiplexed_async_connection_with_config(&config).await;
        let mut connection = connected.map_err(|error| Failure::of(&error))?;
        server::check(&mut connection, &client.get_connection_info().addr().to_string()).await?;
        Ok(connection)
    };
    Deadline::within(CONNECT_TIMEOUT).of(connecting).await.flatten()
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
/// Less than the deadline of a command, so that one that comes after a failure still has its attempt.
const BACK_OFF: Duration = Duration::from_millis(50);
/// Commands that wait to be written, before whoever sends one has to wait.
const PIPELINE: usize = 1024;
