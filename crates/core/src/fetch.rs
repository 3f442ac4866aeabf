//! The only seam to the network.

use std::fmt::Debug;
use std::pin::Pin;

use bytes::Bytes;
use http::Request;
use http::Response;
use thiserror::Error;

/// Gets documents of an issuer: its metadata and its keys.
///
/// [`HttpFetch`](crate::HttpFetch) is the one over HTTP. An implementation must not follow redirects, must bound the
/// size of the body, and must not answer from a cache of its own: how long keys serve is decided by the caller, who
/// also sets a deadline.
///
/// ```
/// use bytes::Bytes;
/// use claviger_core::Fetch;
/// use claviger_core::FetchFuture;
///
/// #[derive(Debug)]
/// struct Fixed(&'static str);
///
/// impl Fetch for Fixed {
///     fn fetch(&self, _: http::Request<()>) -> FetchFuture<'_> {
///         Box::pin(async { Ok(http::Response::new(Bytes::from_static(self.0.as_bytes()))) })
///     }
/// }
/// # let _ = Fixed("{}");
/// ```
pub trait Fetch: Debug + Send + Sync + 'static {
    /// Sends this GET request and reads its answer, whatever the status.
    fn fetch(&self, request: Request<()>) -> FetchFuture<'_>;

    /// Whether it never connects to a private, loopback or link-local address, whatever it is asked for. Issuers
    /// [found at run time](crate::Issuer::found_at_run_time) need one that does not.
    ///
    /// `false`, unless an implementation vouches for it: one that hands on to
    /// [`HttpFetch::to_public_addresses`](crate::HttpFetch::to_public_addresses), one behind a proxy that judges
    /// addresses itself, or one that fetches nothing (in tests). What decides must be the address that is connected to:
    /// a name can be resolved otherwise the next time.
    fn keeps_to_public_addresses(&self) -> bool {
        false
    }
}

/// What [`Fetch::fetch`] returns.
pub type FetchFuture<'a> = Pin<Box<dyn Future<Output = Result<Response<Bytes>, FetchError>> + Send + 'a>>;

/// Why a document could not be had. For the log; nothing of it reaches a client.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum FetchError {
    /// No connection, or it broke.
    #[error("the transport failed: {0}")]
    Transport(String),
    /// The deadline passed.
    #[error("the deadline passed")]
    Deadline,
    /// There is no public address to connect to, and no other is allowed.
    #[error("the address is not public: {0}")]
    NotPublic(String),
    /// The body is larger than the limit.
    #[error("the body has more than {limit} bytes")]
    TooLarge {
        /// The limit.
        limit: usize,
    },
}
