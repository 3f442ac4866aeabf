//! `Connection` (RFC 9110, section 7.6.1).

use http::HeaderMap;
use http::HeaderValue;
use http::header::CONNECTION;

/// Has the server close the connection after this response. Only for HTTP/1.x (RFC 9113, section 8.2.2).
pub(crate) fn close_connection(headers: &mut HeaderMap) {
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
}
