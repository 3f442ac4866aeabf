//! Where the keys of an issuer are found.

use std::fmt;
use std::path::PathBuf;

/// Where the keys of an issuer are found.
#[derive(Clone, Eq, PartialEq)]
pub(crate) enum KeyLocation {
    /// By the metadata of the issuer.
    Discovery,
    /// By the metadata at this address.
    DiscoveryUrl(String),
    /// At this address.
    JwksUri(String),
    /// In this file.
    JwksFile(PathBuf),
    /// In this text.
    Jwks(String),
    /// In this PEM text, a public key or a certificate.
    Pem(String),
}

impl KeyLocation {
    /// The address.
    pub(crate) fn url(&self) -> Option<&str> {
        match self {
            Self::DiscoveryUrl(url) | Self::JwksUri(url) => Some(url),
            Self::Discovery | Self::JwksFile(_) | Self::Jwks(_) | Self::Pem(_) => None,
        }
    }

    /// The name of the setting, for the path of a problem.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Discovery => "issuer",
            Self::DiscoveryUrl(_) => "discovery_url",
            Self::JwksUri(_) => "jwks_uri",
            Self::JwksFile(_) => "jwks_file",
            Self::Jwks(_) => "jwks",
            Self::Pem(_) => "pem",
        }
    }
}

/// Without the text of keys, which could be private ones by mistake.
impl fmt::Debug for KeyLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Discovery | Self::Jwks(_) | Self::Pem(_) => f.write_str(self.name()),
            Self::DiscoveryUrl(url) | Self::JwksUri(url) => write!(f, "{} {url}", self.name()),
            Self::JwksFile(path) => write!(f, "{} {}", self.name(), path.display()),
        }
    }
}
