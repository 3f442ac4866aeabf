//! Why an extractor gave nothing.

use axum::body::Body;
use axum::response::IntoResponse;
use axum::response::Response;
use http::StatusCode;

use crate::config::AuthConfig;
use crate::respond;
use crate::respond::AnswerContext;
use crate::respond::Refused;
use crate::respond::Wire;

/// Why an extractor gave nothing; as a response it is what the layer would answer.
#[derive(Clone, Debug)]
pub struct Rejection {
    cause: Cause,
}

#[derive(Clone, Debug)]
enum Cause {
    MissingLayer { who: &'static str, wire: Wire },
    Refused { config: AuthConfig, refused: Refused, context: AnswerContext },
}

impl Rejection {
    pub(crate) fn missing_layer(who: &'static str, wire: Wire) -> Self {
        Self { cause: Cause::MissingLayer { who, wire } }
    }

    pub(crate) fn refused(config: AuthConfig, refused: Refused, context: AnswerContext) -> Self {
        Self { cause: Cause::Refused { config, refused, context } }
    }

    /// The status of the response: 500 if no layer stands before the handler. A gRPC request gets a `grpc-status` in
    /// its place.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match &self.cause {
            Cause::MissingLayer { .. } => StatusCode::INTERNAL_SERVER_ERROR,
            Cause::Refused { refused, .. } => refused.status(),
        }
    }

    /// The fixed sentence of the response.
    #[must_use]
    pub fn body_text(&self) -> &'static str {
        match &self.cause {
            Cause::MissingLayer { .. } => respond::MISCONFIGURED,
            Cause::Refused { refused, .. } => refused.detail(),
        }
    }
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        let response = match self.cause {
            Cause::MissingLayer { who, wire } => respond::missing_layer(who, wire),
            Cause::Refused { config, refused, context } => respond::answer(config.settings(), refused, context),
        };
        response.map(Body::from)
    }
}
