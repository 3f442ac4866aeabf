//! What refusals look like.

use bytes::Bytes;
use http::Response;

use crate::respond::Refused;

/// Makes the body of a refusal, and the fields that describe it.
///
/// Status, `WWW-Authenticate`, `Retry-After` and `Cache-Control` are set on what it returns. Not asked for gRPC requests, whose
/// answers have no body. See the [module docs](crate::respond) for an example.
pub trait Responder: Send + Sync + 'static {
    /// The answer to this refusal.
    fn respond(&self, refused: &Refused) -> Response<Bytes>;
}

impl<F: Fn(&Refused) -> Response<Bytes> + Send + Sync + 'static> Responder for F {
    fn respond(&self, refused: &Refused) -> Response<Bytes> {
        self(refused)
    }
}
