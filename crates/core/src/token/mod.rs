//! Stage 1: read the token, trusting nothing.
//!
//! Compact form, base64url without padding, UTF-8, strict JSON, and a closed list of algorithms; all of it before a
//! key or the network is touched.

mod algorithm;
pub(crate) mod base64url;
mod compact;
mod header;
pub(crate) mod json;

pub use algorithm::Algorithm;
pub use algorithm::UnknownAlgorithm;
pub(crate) use compact::Compact;
pub(crate) use compact::UnverifiedToken;
pub use compact::strip_bearer;
pub(crate) use header::Header;
