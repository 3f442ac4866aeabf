//! Where a request goes to, as its client sent it.

#[cfg(feature = "axum")]
use axum::extract::OriginalUri;
use http::Request;
use http::Uri;

/// The URI before nested routers took their prefixes off it.
#[cfg(feature = "axum")]
pub(crate) fn uri_of_client<B>(request: &Request<B>) -> &Uri {
    request.extensions().get::<OriginalUri>().map_or_else(|| request.uri(), |OriginalUri(uri)| uri)
}

#[cfg(not(feature = "axum"))]
pub(crate) fn uri_of_client<B>(request: &Request<B>) -> &Uri {
    request.uri()
}
