//! From a refusal to a response.

use std::time::Duration;

use bytes::Bytes;
use claviger_core::Scopes;
use claviger_core::error::Refusal;
use claviger_core::error::VerifyError;
use http::HeaderValue;
use http::Response;
use http::StatusCode;
use http::header::CACHE_CONTROL;
use http::header::PROXY_AUTHENTICATE;
use http::header::RETRY_AFTER;
use http::header::WWW_AUTHENTICATE;

use crate::config::Settings;
use crate::drain::close_connection;
use crate::observe;
use crate::respond::AnswerContext;
use crate::respond::DPOP_NONCE;
use crate::respond::Refused;
use crate::respond::Wire;
use crate::respond::challenge::Challenges;
use crate::respond::grpc;
use crate::respond::problem;

/// The response to a refusal; logs it.
pub(crate) fn answer(settings: &Settings, refused: Refused, context: AnswerContext) -> Response<Bytes> {
    observe::refused(&refused);
    let mut response = match context.wire {
        Wire::Http => with_status(refused.status(), settings.responder.respond(&refused)),
        Wire::Grpc => with_status(refused.status(), Response::new(Bytes::new())),
        Wire::GrpcStatus => grpc::refusal(&refused),
    };
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.remove(PROXY_AUTHENTICATE);
    headers.remove(RETRY_AFTER);
    headers.remove(WWW_AUTHENTICATE);
    headers.remove(DPOP_NONCE);
    if let Refusal::Unavailable { retry_after } | Refusal::TooManyRequests { retry_after } = refused.refusal() {
        headers.insert(RETRY_AFTER, HeaderValue::from(whole_seconds(retry_after)));
    } else {
        let of_guard = refused.scope().filter(|scope| !scope.is_empty());
        let scope = of_guard.or_else(|| scope_of_layer(settings, &refused));
        let challenges = Challenges { settings, refused: &refused, mode: context.mode, scope };
        headers.extend(challenges.line().map(|line| (WWW_AUTHENTICATE, line)));
    }
    if let Some(nonce) = refused.verify_error().and_then(VerifyError::fresh_nonce).map(HeaderValue::from_str) {
        headers.extend(nonce.ok().map(|nonce| (DPOP_NONCE, nonce)));
    }
    if context.closes {
        close_connection(response.headers_mut());
    }
    response.extensions_mut().insert(refused);
    response
}

/// The response of a guard or extractor that no layer stands before; logs what is missing.
pub(crate) fn missing_layer(who: &str, wire: Wire) -> Response<Bytes> {
    observe::missing_layer(who);
    let status = StatusCode::INTERNAL_SERVER_ERROR;
    let mut response = match wire {
        Wire::Http => with_status(status, problem::document(status, None, MISCONFIGURED)),
        Wire::Grpc => with_status(status, Response::new(Bytes::new())),
        Wire::GrpcStatus => grpc::misconfigured(),
    };
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn with_status<B>(status: StatusCode, mut response: Response<B>) -> Response<B> {
    *response.status_mut() = status;
    response
}

/// `challenge_scope` is for clients that have no token yet, or not a good one (RFC 6750, section 3).
fn scope_of_layer<'a>(settings: &'a Settings, refused: &Refused) -> Option<&'a Scopes> {
    (refused.status() == StatusCode::UNAUTHORIZED).then_some(&settings.challenge_scope)
}

/// RFC 9110, section 10.2.3; rounded up, from 1 to 60.
fn whole_seconds(retry_after: Duration) -> u64 {
    let seconds = retry_after.as_secs().saturating_add(u64::from(retry_after.subsec_nanos() > 0));
    seconds.clamp(1, 60)
}

/// What the client hears of a missing layer; the log names it.
pub(crate) const MISCONFIGURED: &str = "The server is misconfigured";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_whole_seconds_from_one_to_sixty() {
        for (millis, seconds) in [(0, 1), (1, 1), (1000, 1), (1001, 2), (59_500, 60), (600_000, 60)] {
            assert_eq!(whole_seconds(Duration::from_millis(millis)), seconds);
        }
        assert_eq!(whole_seconds(Duration::MAX), 60, "a store may say so");
    }
}
