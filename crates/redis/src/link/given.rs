//! A connection of the application's own.

use redis::Cmd;
use redis::ConnectionInfo;
use redis::Value;
use redis::aio::ConnectionLike;

use crate::deadline::Deadline;
use crate::failure::Failure;
use crate::link::Link;
use crate::link::Sending;
use crate::link::Sent;

pub(crate) struct Given<C>(C);

impl<C> Given<C> {
    pub(crate) fn new(connection: C) -> Self {
        Self(connection)
    }
}

impl<C: ConnectionLike + Clone + Send + Sync + 'static> Link for Given<C> {
    fn send<'a>(&'a self, command: &'a Cmd, deadline: Deadline) -> Sending<'a> {
        let mut connection = self.0.clone();
        Box::pin(async move {
            let answer = deadline.of(connection.req_packed_command(command)).await?;
            let answer = answer.and_then(Value::extract_error).map_err(|error| Failure::of(&error))?;
            // That of a cluster repeats commands by itself.
            Ok(Sent { answer, may_be_repeated: true })
        })
    }

    fn address(&self) -> Option<&ConnectionInfo> {
        None
    }
}
