//! What an answer depends on, besides the refusal.

use claviger_core::DpopMode;
use http::Request;
#[cfg(feature = "axum")]
use http::request::Parts;

use crate::config::Settings;
use crate::respond::Wire;

/// What the answer to a request depends on, besides the refusal.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AnswerContext {
    /// The protocol that the answer has to speak.
    pub(crate) wire: Wire,
    /// The mode, as far as it can be served to the request.
    pub(crate) mode: DpopMode,
    /// Whether the connection has to be closed, because the body of the request stays unread.
    pub(crate) closes: bool,
}

impl AnswerContext {
    /// Where the request goes on: extractors replace it by their own. Whether DPoP can be served to a request without a
    /// configured address is left open, because only few of them are refused later.
    pub(crate) fn on_the_way<B>(settings: &Settings, request: &Request<B>) -> Self {
        Self { wire: Wire::of_request(request, settings.grpc), mode: settings.known_mode(), closes: false }
    }

    pub(crate) fn of<B>(settings: &Settings, request: &Request<B>) -> Self {
        Self { wire: Wire::of_request(request, settings.grpc), mode: settings.served_mode(request), closes: false }
    }

    /// As an extractor sees the request.
    #[cfg(feature = "axum")]
    pub(crate) fn of_parts(settings: &Settings, parts: &Parts) -> Self {
        Self { wire: Wire::of_parts(parts, settings.grpc), mode: settings.served_mode_of_parts(parts), closes: false }
    }

    pub(crate) fn closing(self, closes: bool) -> Self {
        Self { closes, ..self }
    }
}
