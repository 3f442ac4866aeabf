//! How commands get to Redis: over one connection that is made here, or over one that the application has.

mod given;
mod reconnecting;
mod server;

use std::pin::Pin;

use redis::Cmd;
use redis::ConnectionInfo;
use redis::Value;

use crate::deadline::Deadline;
use crate::failure::Failure;

pub(crate) use given::Given;
pub(crate) use reconnecting::Reconnecting;

/// One connection that many requests share.
pub(crate) trait Link: Send + Sync + 'static {
    /// Sends `command`, and waits for its answer until then at most.
    fn send<'a>(&'a self, command: &'a Cmd, deadline: Deadline) -> Sending<'a>;

    /// Where it leads, if that is known.
    fn address(&self) -> Option<&ConnectionInfo>;
}

pub(crate) type Sending<'a> = Pin<Box<dyn Future<Output = Result<Sent, Failure>> + Send + 'a>>;

/// What was answered.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) answer: Value,
    /// Whether the command may have been carried out before, and this is the answer to its repetition.
    pub(crate) may_be_repeated: bool,
}
