//! Refusals as gRPC has them: a status in the fields of an answer without a body.

use bytes::Bytes;
use claviger_core::error::Refusal;
use http::HeaderMap;
use http::HeaderName;
use http::HeaderValue;
use http::Response;
use http::header::CONTENT_TYPE;

use crate::respond::MISCONFIGURED;
use crate::respond::Refused;

/// The protocol that a request speaks, which its answer has to speak too.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Wire {
    Http,
    Grpc,
}

impl Wire {
    /// By `Content-Type`: `application/grpc` in any case, a message format (`+proto`) or parameters behind it.
    ///
    /// gRPC-Web speaks HTTP here. Browsers hide `grpc-status` from a page of another origin unless CORS exposes it, and
    /// a refusal with status 200 would then look like an empty success; from 400, 401, 403 and 503 its clients make the
    /// same codes as ours.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let content_type = headers.get(CONTENT_TYPE).map_or(&[][..], HeaderValue::as_bytes);
        match content_type.split_at_checked(GRPC.len()) {
            Some((essence, [] | [b'+' | b';' | b' ' | b'\t', ..])) if essence.eq_ignore_ascii_case(GRPC.as_bytes()) => {
                Self::Grpc
            }
            _ => Self::Http,
        }
    }
}

pub(super) fn refusal(refused: &Refused) -> Response<Bytes> {
    trailers_only(code(refused.refusal()), refused.detail())
}

/// The answer where no layer stands before a guard.
pub(super) fn misconfigured() -> Response<Bytes> {
    trailers_only(INTERNAL, MISCONFIGURED)
}

fn code(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::InvalidRequest | Refusal::AmbiguousAddress => INVALID_ARGUMENT,
        Refusal::CrossSite | Refusal::InsufficientScope | Refusal::Forbidden => PERMISSION_DENIED,
        Refusal::Unavailable { .. } | Refusal::TooManyRequests { .. } => UNAVAILABLE,
        Refusal::Unauthenticated
        | Refusal::InvalidToken
        | Refusal::ExpiredToken
        | Refusal::InvalidProof
        | Refusal::UseNonce
        | Refusal::InsufficientAuthentication => UNAUTHENTICATED,
    }
}

/// `Trailers-Only` of the protocol. The message is fixed text that needs no percent-encoding.
fn trailers_only(code: &'static str, message: &'static str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(GRPC));
    headers.insert(HeaderName::from_static("grpc-status"), HeaderValue::from_static(code));
    headers.insert(HeaderName::from_static("grpc-message"), HeaderValue::from_static(message));
    response
}

const GRPC: &str = "application/grpc";

const INVALID_ARGUMENT: &str = "3";
const PERMISSION_DENIED: &str = "7";
const INTERNAL: &str = "13";
const UNAVAILABLE: &str = "14";
const UNAUTHENTICATED: &str = "16";

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use claviger_core::error::Reason;

    use super::*;

    /// Its clients try again after `UNAVAILABLE`, and give up after `RESOURCE_EXHAUSTED`.
    #[test]
    fn a_key_that_cannot_be_looked_up_yet_is_unavailable() {
        let retry_after = Duration::from_secs(30);
        assert_eq!(code(Refusal::TooManyRequests { retry_after }), "14");
    }

    #[test]
    fn what_another_token_does_not_help_is_denied() {
        assert_eq!(code(Refusal::CrossSite), "7");
        assert_eq!(code(Refusal::Forbidden), "7");
    }

    /// `Percent-Byte-Unencoded` of the protocol: %x20-%x24 / %x26-%x7E.
    #[test]
    fn no_message_needs_percent_encoding() {
        let details = Reason::ALL.iter().map(|reason| Refused::because(*reason).detail());
        for message in details.chain([MISCONFIGURED]) {
            assert!(message.bytes().all(|byte| matches!(byte, b' '..=b'$' | b'&'..=b'~')), "{message}");
        }
    }
}
