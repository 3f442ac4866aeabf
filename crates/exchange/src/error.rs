//! Why there is no token.

use std::fmt;

use claviger_core::FetchError;
use claviger_core::error::Problem;
use http::StatusCode;
use thiserror::Error;

/// Why an exchange gave no token. For the log: no variant holds a token or a secret, and what the endpoint says is cut.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum ExchangeError {
    /// The request is wrong, and nothing was sent. Every problem at once, each with its parameter.
    #[error("the exchange is invalid{}", listed(.0))]
    Invalid(Vec<Problem>),
    /// The issuer's metadata tell no token endpoint that could be used.
    #[error("the token endpoint could not be discovered: {0}")]
    Discovery(String),
    /// The token endpoint refused (RFC 6749, section 5.2).
    #[error("the token endpoint answered {status} with the error `{code}`")]
    Refused {
        /// The status of the answer.
        status: StatusCode,
        /// `error`, or `token_exchange_error` or `connection_token_error` where the body has none.
        code: String,
        /// `error_description`.
        description: Option<String>,
    },
    /// The token endpoint's answer is none that could be used.
    #[error("the answer of the token endpoint is malformed: {0}")]
    Malformed(&'static str),
    /// The deadline passed.
    #[error("the deadline of the exchange passed")]
    Deadline,
    /// No connection, or it broke.
    #[error("the transport failed: {0}")]
    Transport(String),
    /// Our own credentials could not be made: the clock does not know the time, or the key does not sign.
    #[error("our own credentials could not be made: {0}")]
    Credentials(&'static str),
}

impl ExchangeError {
    /// What a client of ours may hear of it: 500 for what is wrong on our side, 504 for a deadline, 502 for the rest.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Invalid(_) | Self::Credentials(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Deadline => StatusCode::GATEWAY_TIMEOUT,
            Self::Discovery(_) | Self::Refused { .. } | Self::Malformed(_) | Self::Transport(_) => {
                StatusCode::BAD_GATEWAY
            }
        }
    }

    pub(crate) fn of_fetch(error: &FetchError) -> Self {
        match error {
            FetchError::Deadline => Self::Deadline,
            FetchError::TooLarge { .. } => Self::Malformed("it is larger than the limit"),
            FetchError::Transport(_) | FetchError::NotPublic(_) | _ => Self::Transport(error.to_string()),
        }
    }
}

fn listed(problems: &[Problem]) -> impl fmt::Display {
    problems.iter().map(|problem| format!("; {problem}")).collect::<String>()
}
