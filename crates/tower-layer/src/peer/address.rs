//! The address at the other end of the connection.

use std::net::IpAddr;
#[cfg(feature = "axum")]
use std::net::SocketAddr;

#[cfg(feature = "axum")]
use axum::extract::ConnectInfo;
use http::Request;

/// The address that a request's connection comes from: an extension that the server leaves on each request.
///
/// It tells whether the peer is one of the
/// [`trusted_proxies`](crate::AuthConfigBuilder::with_trusted_proxies); a peer that is not known is none. What axum knows
/// by `into_make_service_with_connect_info::<SocketAddr>()` is read too, if this is not there.
///
/// ```
/// use std::net::SocketAddr;
///
/// use claviger::PeerAddress;
/// use http::Request;
///
/// fn arrived<B>(mut request: Request<B>, peer: SocketAddr) -> Request<B> {
///     request.extensions_mut().insert(PeerAddress(peer.ip()));
///     request
/// }
/// # let _ = arrived::<()>;
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PeerAddress(pub IpAddr);

/// `None` if nobody has said it.
pub(super) fn of<B>(request: &Request<B>) -> Option<IpAddr> {
    let said = request.extensions().get::<PeerAddress>().map(|PeerAddress(address)| *address);
    said.or_else(|| known_to_axum(request))
}

#[cfg(feature = "axum")]
fn known_to_axum<B>(request: &Request<B>) -> Option<IpAddr> {
    request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| address.ip())
}

#[cfg(not(feature = "axum"))]
fn known_to_axum<B>(_: &Request<B>) -> Option<IpAddr> {
    None
}
