//! Why Redis was of no use.

use std::time::Duration;

use redis::ErrorKind;
use redis::RedisError;
use thiserror::Error;

/// Why Redis was of no use, in words of our own. What a server writes is not repeated, because it can hold what was sent to
/// it: one that does not know `HELLO` or `AUTH` answers with their arguments, a password among them, and cut wherever it
/// likes.
#[derive(Clone, Debug, Error)]
pub(crate) enum Failure {
    #[error("Redis gave no answer within {0:?}")]
    NoAnswer(Duration),
    /// As this machine, or its TLS, says it.
    #[error("Redis cannot be reached: {0}")]
    Unreachable(String),
    #[error("the address of Redis is that of a {0}")]
    WrongServer(&'static str),
    #[error("Redis answered with an error: {0}")]
    Refused(&'static str),
    #[error("Redis answered something else than was asked for")]
    Unexpected,
    #[error("the client of Redis failed: {0}")]
    Client(String),
    #[error("the command was given up, because its runtime ends")]
    GivenUp,
}

impl Failure {
    pub(crate) fn of(error: &RedisError) -> Self {
        let kind = error.kind();
        if kind == ErrorKind::Io {
            Self::Unreachable(error.to_string())
        } else if kind == ErrorKind::Parse || kind == ErrorKind::UnexpectedReturnType {
            Self::Unexpected
        } else if kind == ErrorKind::AuthenticationFailed {
            Self::Refused("the user or the password is wrong, or it has none")
        } else if let Some(code) = error.code() {
            Self::Refused(meaning(code, error.detail().unwrap_or_default()))
        } else {
            Self::Client(error.category().to_owned())
        }
    }
}

/// The text decides between meanings, and is not part of any.
fn meaning(code: &str, text: &str) -> &'static str {
    if text.contains("nknown command") {
        return "it does not know a command that is needed (`HELLO` for RESP3, `AUTH` with a user)";
    }
    if text.contains("DB index") {
        return "it has no database of this number";
    }
    MEANINGS.iter().find(|(known, _)| *known == code).map_or("one that is not known here", |(_, meaning)| meaning)
}

/// By the first word of an answer.
const MEANINGS: [(&str, &str); 17] = [
    ("ASK", OTHER_NODE),
    ("BUSY", "it is busy with a script (`BUSY`)"),
    ("CLUSTERDOWN", "its cluster is down (`CLUSTERDOWN`)"),
    ("CROSSSLOT", OTHER_NODE),
    ("ERR", "a general one (`ERR`)"),
    ("LOADING", "it is loading its data (`LOADING`)"),
    ("MASTERDOWN", "it is a replica that has lost its primary (`MASTERDOWN`)"),
    ("MISCONF", "it takes no writes, because it cannot save them (`MISCONF`)"),
    ("MOVED", OTHER_NODE),
    ("NOAUTH", "it wants a password (`NOAUTH`)"),
    ("NOPERM", "its user may not run a command that is needed, or not on keys with this prefix (`NOPERM`)"),
    ("NOREPLICAS", "it takes no writes, because it has too few replicas (`NOREPLICAS`)"),
    ("OOM", "it takes no writes, because it is full (`OOM`)"),
    ("READONLY", "it takes no writes, because it is a replica (`READONLY`)"),
    ("TRYAGAIN", OTHER_NODE),
    ("WRONGPASS", "the user or the password is wrong (`WRONGPASS`)"),
    ("WRONGTYPE", "the key holds a value of another type (`WRONGTYPE`)"),
];
const OTHER_NODE: &str = "it is one node of a Redis Cluster, and the key belongs to another node (`MOVED`): the nodes need a \
                          connection of a cluster client";

/// In bytes.
#[derive(Debug, Error)]
#[error("a key snapshot has more than {0} bytes")]
pub(crate) struct TooLarge(pub(crate) usize);

#[cfg(test)]
mod tests {
    use redis::ServerErrorKind;

    use super::*;

    /// As `redis` makes errors of what servers write.
    fn server(kind: ServerErrorKind, text: &str) -> RedisError {
        (ErrorKind::Server(kind), "a text of the client library", text.to_owned()).into()
    }

    #[test]
    fn what_a_server_writes_is_told_by_its_meaning() {
        for (kind, text, expected) in [
            (ServerErrorKind::Moved, "3999 10.0.0.2:6379", "one node of a Redis Cluster"),
            (ServerErrorKind::NoPerm, "this user has no permissions to run the 'set' command", "may not run a command"),
            (ServerErrorKind::ReadOnly, "You can't write against a read only replica.", "it is a replica"),
            (ServerErrorKind::ResponseError, "DB index is out of range", "no database of this number"),
            (ServerErrorKind::ResponseError, "Unknown command 'HELLO'", "`HELLO` for RESP3"),
            (ServerErrorKind::ResponseError, "something new", "a general one"),
        ] {
            let failure = Failure::of(&server(kind, text));
            assert!(failure.to_string().contains(expected), "{failure}");
        }
    }

    #[test]
    fn nothing_that_a_server_writes_is_repeated() {
        let echo = "unknown command `HELLO`, with args beginning with: `3`, `AUTH`, `default`, `marker";
        for kind in [ServerErrorKind::ResponseError, ServerErrorKind::NoPerm, ServerErrorKind::ExecAbort] {
            for text in [echo, "marker", "DB index marker"] {
                let failure = Failure::of(&server(kind, text));
                assert!(!format!("{failure} {failure:?}").contains("marker"), "{failure}");
            }
        }
    }
}
