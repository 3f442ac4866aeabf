//! Why an extractor gave nothing.

use axum::body::Body;
use axum::response::IntoResponse;
use axum::response::Response;
use http::StatusCode;

use crate::config::AuthConfig;
use crate::respond;
use crate::respond::Refused;

/// Why an extractor gave nothing; as a response it is what the layer would answer.
#[derive(Clone, Debug)]
pub struct Rejection {
    cause: Cause,
}

#[derive(Clone, Debug)]
enum Cause {
    MissingLayer { who: &'static str },
    Refused { config: AuthConfig, refused: Refused },
}

impl Rejection {
    pub(crate) fn missing_layer(who: &'static str) -> Self {
        Self { cause: Cause::MissingLayer { who } }
    }

    pub(crate) fn refused(config: AuthConfig, refused: Refused) -> Self {
        Self { cause: Cause::Refused { config, refused } }
    }

    /// The status of the response: 500 if no layer stands before the handler.
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
        match self.cause {
            Cause::MissingLayer { who } => respond::missing_layer::<Body>(who),
            Cause::Refused { config, refused } => respond::answer(config.settings(), refused),
        }
    }
}
