//! Addresses: where the standards put an issuer's metadata, and what needs no TLS.
//!
//! ```
//! use claviger_core::address;
//! use url::Url;
//!
//! let issuer = Url::parse("https://issuer.example/tenant1")?;
//! let oauth = address::oauth_url(&issuer);
//! assert_eq!(oauth.as_str(), "https://issuer.example/.well-known/oauth-authorization-server/tenant1");
//! assert!(!address::is_loopback(&issuer));
//! # Ok::<(), url::ParseError>(())
//! ```

pub use crate::issuer::is_loopback;
pub use crate::keys::oauth_url;
pub use crate::keys::openid_url;
