//! Why an extractor gave nothing.

use axum::body::Body;
use axum::response::IntoResponse;
use axum::response::Response;
use http::StatusCode;
use http::request::Parts;

use crate::authenticate::Authentication;
use crate::config::AuthConfig;
use crate::drain::AxumLeftover;
use crate::respond;
use crate::respond::AnswerContext;
use crate::respond::GrpcAnswers;
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
    Refused { config: AuthConfig, refused: Refused, context: AnswerContext, leftover: Option<AxumLeftover> },
}

impl Rejection {
    pub(super) fn missing_layer(who: &'static str, parts: &Parts) -> Self {
        Self { cause: Cause::MissingLayer { who, wire: Wire::of_parts(parts, GrpcAnswers::default()) } }
    }

    pub(super) fn refused(mark: &Authentication, parts: &Parts, refused: Refused) -> Self {
        Self::reached_in(mark, AnswerContext::of_parts(mark.config().settings(), parts), refused)
    }

    /// Of a handler that is reached in this context.
    pub(super) fn reached_in(mark: &Authentication, context: AnswerContext, refused: Refused) -> Self {
        let (config, leftover) = (mark.config().clone(), mark.leftover().cloned());
        Self { cause: Cause::Refused { config, refused, context, leftover } }
    }

    /// The status of the response: 500 if no layer stands before the handler. With
    /// [`GrpcAnswers::Status`] a gRPC call gets a `grpc-status` in its place.
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
            Cause::Refused { config, refused, context, leftover } => {
                let closes = leftover.is_some_and(|leftover| leftover.refuse());
                respond::answer(config.settings(), refused, context.closing(closes))
            }
        };
        response.map(Body::from)
    }
}
