//! Who is at the other end of the connection, and what it may say of who stands behind it.

mod address;
mod certificate;
mod forwarded;
mod proxies;

pub use address::PeerAddress;
pub(crate) use certificate::CertificateField;
pub(crate) use forwarded::InvalidForwarded;
pub(crate) use forwarded::Scheme;
pub(crate) use forwarded::Told;
pub(crate) use proxies::TrustedProxies;
pub(crate) use proxies::network;
