//! `DPoP-Nonce` (RFC 9449, section 8.2).

use http::HeaderMap;
use http::HeaderName;
use http::HeaderValue;
use http::header::CACHE_CONTROL;

/// Sets the nonce for the client's next proof, and keeps the response out of caches, where others would find it.
pub(super) fn set_next(headers: &mut HeaderMap, nonce: HeaderValue) {
    headers.insert(DPOP_NONCE, nonce);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
}

pub(crate) const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");
