//! Who is at the other end of the connection, and what it may say of who stands behind it.

mod address;
mod certificate;
pub(crate) mod forwarded;
mod forwarded_fields;
mod proxies;
mod scheme;

pub use address::PeerAddress;
pub use certificate::CertificateElement;
pub(crate) use certificate::CertificateField;
pub use certificate::CertificateFormat;
pub use forwarded_fields::ForwardedFields;
pub(crate) use proxies::TrustedProxies;
pub(crate) use proxies::UnixSockets;
pub(crate) use proxies::network;
pub(crate) use scheme::Scheme;
