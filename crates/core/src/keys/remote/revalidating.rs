//! Past the caches on the way.

use std::sync::Arc;

use http::HeaderValue;
use http::Request;
use http::header::CACHE_CONTROL;

use crate::keys::Fetch;
use crate::keys::FetchFuture;

/// Asks the issuer itself: a cache on the way must not answer before it has done so too (RFC 9111, section 5.2.1.4).
#[derive(Debug)]
pub(super) struct Revalidating(pub(super) Arc<dyn Fetch>);

impl Fetch for Revalidating {
    fn fetch(&self, mut request: Request<()>) -> FetchFuture<'_> {
        request.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        self.0.fetch(request)
    }

    fn keeps_to_public_addresses(&self) -> bool {
        self.0.keeps_to_public_addresses()
    }
}
