//! From request to answer.

use bytes::Bytes;
use http::HeaderMap;
use http::HeaderValue;
use http::Method;
use http::Request;
use http::Response;
use http::StatusCode;
use http::header::CONTENT_LENGTH;
use http::header::CONTENT_TYPE;
use http::header::ETAG;
use http::header::IF_NONE_MATCH;
use hyper::body::Body;

use super::place::Document;
use super::state::Shared;
use super::state::State;
use super::token_endpoint;
use super::wire::Wire;

/// The answer to `request`, or what is done to its connection.
pub(super) async fn answer<B: Body>(shared: &Shared, request: Request<B>) -> Result<Response<Bytes>, Wire> {
    if request.uri().path() == shared.place.token_path() {
        return token_endpoint::answer(shared, request).await;
    }
    let Some(document) = shared.place.document_at(request.uri().path()) else {
        return Ok(empty(StatusCode::NOT_FOUND));
    };
    if request.method() != Method::GET {
        return Ok(empty(StatusCode::METHOD_NOT_ALLOWED));
    }
    document_for(shared, document, request.headers()).await
}

/// The answer to a request for `document` with these header fields, or what is done to its connection.
pub(super) async fn document_for(
    shared: &Shared,
    document: Document,
    request: &HeaderMap,
) -> Result<Response<Bytes>, Wire> {
    let (good, fault) = {
        let state = shared.state();
        (good_answer(shared, &state, document), state.fault_of(document))
    };
    // Only now: whoever waits for this fetch may change keys and faults, and must not change its answer.
    shared.fetches.send_modify(|fetches| fetches.record(document, request.clone()));
    match fault {
        Some(fault) => fault.instead_of(good, request).await,
        None => Ok(if_changed(good, request)),
    }
}

/// `answer`, or 304 if the client has it already (RFC 9110, section 13.1.2).
pub(super) fn if_changed(answer: Response<Bytes>, request: &HeaderMap) -> Response<Bytes> {
    let Some(tag) = answer.headers().get(ETAG) else {
        return answer;
    };
    let mut offered = request.get_all(IF_NONE_MATCH).iter().filter_map(|field| field.to_str().ok());
    if !offered.any(|field| names(field, tag)) {
        return answer;
    }
    let mut unchanged = empty(StatusCode::NOT_MODIFIED);
    unchanged.headers_mut().extend(answer.into_parts().0.headers);
    unchanged.headers_mut().remove(CONTENT_TYPE);
    unchanged.headers_mut().remove(CONTENT_LENGTH);
    unchanged
}

pub(super) fn empty(status: StatusCode) -> Response<Bytes> {
    let mut answer = Response::new(Bytes::new());
    *answer.status_mut() = status;
    answer
}

fn good_answer(shared: &Shared, state: &State, document: Document) -> Response<Bytes> {
    if state.publication.withholds(document) {
        return empty(StatusCode::NOT_FOUND);
    }
    let (content, content_type) = match document {
        Document::OpenidConfiguration | Document::ServerMetadata => {
            (state.publication.discovery(&shared.place, &state.keys), "application/json")
        }
        Document::Jwks => (state.keys.jwks(), "application/jwk-set+json"),
    };
    let mut headers = state.publication.headers(&content);
    headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static(content_type));
    let mut answer = Response::new(Bytes::from(content));
    *answer.headers_mut() = headers;
    answer
}

fn names(field: &str, tag: &HeaderValue) -> bool {
    let tag = opaque(tag.to_str().unwrap_or_default());
    field.trim() == "*" || field.split(',').any(|offered| opaque(offered.trim()) == tag)
}

/// The tag without its mark of weakness, for weak comparison (RFC 9110, section 8.8.3.2).
fn opaque(tag: &str) -> &str {
    tag.strip_prefix("W/").unwrap_or(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_compared_weakly_and_in_lists() {
        let tag = HeaderValue::from_static("\"a\"");
        for field in ["\"a\"", "W/\"a\"", "\"b\", \"a\"", "*"] {
            assert!(names(field, &tag), "{field}");
        }
        for field in ["\"b\"", "a", ""] {
            assert!(!names(field, &tag), "{field}");
        }
    }
}
