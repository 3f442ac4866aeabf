//! Who is at the other end of the connection, and what it may say of who stands behind it.

mod address;
mod certificate;
pub(crate) mod forwarded;
mod proxies;

pub use address::PeerAddress;
pub(crate) use certificate::CertificateField;
pub use forwarded::ForwardedFields;
pub(crate) use proxies::TrustedProxies;
pub(crate) use proxies::UnixSockets;
pub(crate) use proxies::network;
