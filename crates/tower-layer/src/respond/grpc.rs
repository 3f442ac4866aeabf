//! Refusals as gRPC clients read them.

use std::str::FromStr;

use bytes::Bytes;
use http::HeaderMap;
use http::HeaderName;
use http::HeaderValue;
use http::Method;
use http::Request;
use http::Response;
use http::StatusCode;
use http::Version;
use http::header::CONTENT_TYPE;

use crate::respond::MISCONFIGURED;
use crate::respond::Refused;

/// How gRPC requests are refused: those whose `Content-Type` is `application/grpc`, with or without a message format.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum GrpcAnswers {
    /// By the HTTP status and its challenge, with an empty body. The default: clients make the status of the call from it,
    /// and whoever decides by HTTP status, such as a proxy that asks for authentication, is not misled.
    #[default]
    Http,
    /// By `grpc-status` with HTTP status 200, so that clients see the challenge as metadata. Only for `POST` over HTTP/2
    /// or later, which gRPC calls always are; other requests are answered as by [`Http`](Self::Http). Not for a service
    /// that a proxy asks whether a request may pass, because 200 would let it pass.
    Status,
}

impl FromStr for GrpcAnswers {
    type Err = &'static str;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "http" => Ok(Self::Http),
            "status" => Ok(Self::Status),
            _ => Err("must be \"http\" or \"status\""),
        }
    }
}

/// The protocol that a request speaks, which its answer has to speak too.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Wire {
    /// HTTP.
    Http,
    /// gRPC, answered by the HTTP status.
    Grpc,
    /// gRPC, answered by `grpc-status`.
    GrpcStatus,
}

impl Wire {
    /// By `Content-Type`: `application/grpc` in any case, a message format (`+proto`) or parameters behind it.
    ///
    /// gRPC-Web speaks HTTP here. Browsers hide `grpc-status` from a page of another origin unless CORS exposes it, and
    /// a refusal with status 200 would then look like an empty success; from 400, 401, 403 and 503 its clients make the
    /// same codes as ours.
    pub(crate) fn of(method: &Method, version: Version, headers: &HeaderMap, answers: GrpcAnswers) -> Self {
        if !is_grpc(headers) {
            return Self::Http;
        }
        // A status of 200 for anything that is not a call would look like success to whoever does not speak gRPC.
        let is_call = method == Method::POST && version >= Version::HTTP_2;
        match answers {
            GrpcAnswers::Status if is_call => Self::GrpcStatus,
            GrpcAnswers::Status | GrpcAnswers::Http => Self::Grpc,
        }
    }

    pub(crate) fn of_request<B>(request: &Request<B>, answers: GrpcAnswers) -> Self {
        Self::of(request.method(), request.version(), request.headers(), answers)
    }

    #[cfg(feature = "axum")]
    pub(crate) fn of_parts(parts: &http::request::Parts, answers: GrpcAnswers) -> Self {
        Self::of(&parts.method, parts.version, &parts.headers, answers)
    }
}

fn is_grpc(headers: &HeaderMap) -> bool {
    let content_type = headers.get(CONTENT_TYPE).map_or(&[][..], HeaderValue::as_bytes);
    matches!(
        content_type.split_at_checked(GRPC.len()),
        Some((essence, [] | [b'+' | b';' | b' ' | b'\t', ..])) if essence.eq_ignore_ascii_case(GRPC.as_bytes())
    )
}

pub(super) fn refusal(refused: &Refused) -> Response<Bytes> {
    trailers_only(code(refused.status()), refused.detail())
}

/// The answer where no layer stands before a guard.
pub(super) fn misconfigured() -> Response<Bytes> {
    trailers_only(INTERNAL, MISCONFIGURED)
}

fn code(status: StatusCode) -> &'static str {
    match status {
        StatusCode::BAD_REQUEST => INVALID_ARGUMENT,
        StatusCode::UNAUTHORIZED => UNAUTHENTICATED,
        StatusCode::FORBIDDEN => PERMISSION_DENIED,
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => UNAVAILABLE,
        _ => INTERNAL,
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
    use claviger_core::error::Reason;

    use super::*;

    #[test]
    fn every_refusal_has_a_code_that_says_the_same_as_its_status() {
        for reason in Reason::ALL {
            let status = Refused::because(*reason).status();
            let expected = match status.as_u16() {
                400 => "3",
                401 => "16",
                403 => "7",
                429 | 503 => "14",
                other => panic!("{reason:?}: no code for {other}"),
            };
            assert_eq!(code(status), expected, "{reason:?}");
        }
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
