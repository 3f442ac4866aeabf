//! What becomes of a request for a document of which this layer knows nothing.

use bytes::Bytes;
use http::HeaderValue;
use http::Method;
use http::Request;
use http::Response;
use http::StatusCode;
use http::header;

use crate::client_uri::uri_of_client;
use crate::metadata::Publication;
use crate::metadata::answer::FromMetadata;
use crate::metadata::identifier::WELL_KNOWN;
use crate::metadata::published;

/// What becomes of a request without credentials, below the well-known path, that is not for the document of this layer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum UnknownDocument {
    /// Clients try several addresses, and go on after 404, but not after 401.
    NotFound,
    /// It may be the document of a layer behind this one.
    PerhapsBehind,
}

impl Publication {
    /// `None` for any other request.
    pub(crate) fn unknown<B>(&self, request: &Request<B>) -> Option<UnknownDocument> {
        if !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
            return None;
        }
        let path = uri_of_client(request).path();
        let below = path.strip_prefix(WELL_KNOWN)?;
        if !below.is_empty() && !below.starts_with('/') {
            return None;
        }
        Some(if published::has(path, self.metadata()) {
            UnknownDocument::PerhapsBehind
        } else {
            UnknownDocument::NotFound
        })
    }
}

/// The answer where there is no such document: any page may read it, as it may read a document.
pub(crate) fn not_found() -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::NOT_FOUND;
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.extensions_mut().insert(FromMetadata);
    response
}
