//! Problem documents (RFC 9457).

use bytes::Bytes;
use http::HeaderValue;
use http::Response;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde::Serialize;

use crate::respond::Refused;
use crate::respond::Responder;

/// Answers with `application/problem+json`: `status`, `title`, `detail`, and `error` where the challenge has one.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct ProblemDetails;

impl Responder for ProblemDetails {
    fn respond(&self, refused: &Refused) -> Response<Bytes> {
        document(refused.status(), refused.error(), refused.detail())
    }
}

pub(super) fn document(status: StatusCode, error: Option<&'static str>, detail: &'static str) -> Response<Bytes> {
    let problem = Problem { status: status.as_u16(), title: status.canonical_reason(), error, detail };
    let body = serde_json::to_vec(&problem).unwrap_or_default();
    let mut response = Response::new(Bytes::from(body));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response
}

/// Without `type`, which is then `about:blank`, the title is that of the status (RFC 9457, section 4.2.1).
#[derive(Serialize)]
struct Problem {
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'static str>,
    detail: &'static str,
}
