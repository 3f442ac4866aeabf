//! The certificate that a client showed in its TLS handshake (RFC 8705, section 3).

use std::fmt;

use crate::error::Failure;
use crate::presenter::Thumbprint;
use crate::signature::digest::is_written_as;
use crate::signature::digest::sha256;

/// The certificate of a client, as the TLS handshake proved that it holds the key of it.
///
/// Known by its thumbprint alone, which is what tokens are bound to. Whoever accepts TLS connections makes one for each
/// connection, and hands it on with each request: to the layer of the crate `claviger` as an extension of the request.
/// Copying is cheap.
///
/// ```
/// use claviger_core::ClientCertificate;
///
/// # let der = [0x30, 0x00];
/// let certificate = ClientCertificate::from_der(&der);
/// assert_eq!(certificate.thumbprint().len(), 43);
/// ```
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct ClientCertificate {
    thumbprint: Thumbprint,
}

/// What a request shows of a certificate.
#[derive(Clone, Copy)]
pub(super) enum ShownCertificate {
    None,
    One(ClientCertificate),
    /// Something, and it is not one certificate.
    Unreadable(&'static str),
}

impl ClientCertificate {
    /// From its DER encoding, which is what the thumbprint is of (RFC 8705, section 3.1). Nothing is parsed: that this is a
    /// certificate, and that of the client, is what the TLS handshake was for.
    #[must_use]
    pub fn from_der(der: &[u8]) -> Self {
        Self::from_sha256(sha256(&[der]))
    }

    /// From the SHA-256 digest of its DER encoding, for who has no more than that.
    #[must_use]
    pub fn from_sha256(digest: [u8; 32]) -> Self {
        Self { thumbprint: Thumbprint::of(digest) }
    }

    /// The thumbprint in base64url without padding, as `x5t#S256` has it.
    #[must_use]
    pub fn thumbprint(&self) -> &str {
        self.thumbprint.as_str()
    }
}

impl fmt::Debug for ClientCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ClientCertificate").field(&self.thumbprint).finish()
    }
}

impl ShownCertificate {
    /// The certificate, if it is the one that `x5t#S256` of a token names.
    ///
    /// # Errors
    ///
    /// [`Failure::CertificateMissing`], [`Failure::CertificateUnreadable`] or [`Failure::CertificateMismatch`].
    pub(super) fn bound_by(&self, thumbprint: &str) -> Result<ClientCertificate, Failure> {
        match *self {
            Self::None => Err(Failure::CertificateMissing),
            Self::Unreadable(why) => Err(Failure::CertificateUnreadable(why)),
            Self::One(shown) if is_written_as(shown.thumbprint.octets(), thumbprint) => Ok(shown),
            Self::One(_) => Err(Failure::CertificateMismatch),
        }
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    /// RFC 8705, appendix A.
    const DER: &str = "MIIBBjCBrAIBAjAKBggqhkjOPQQDAjAPMQ0wCwYDVQQDDARtdGxzMB4XDTE4MTAxODEyMzcwOVoXDTIyMDUwMjEyMzcwOVow\
                       DzENMAsGA1UEAwwEbXRsczBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABNcnyxwqV6hY8QnhxxzFQ03C7HKW9OylMbnQZjjJ\
                       /Au08/coZwxS7LfA4vOLS9WuneIXhbGGWvsDSb0tH6IxLm8wCgYIKoZIzj0EAwIDSQAwRgIhAP0RC1E+vwJD/D1AGHGzuri+\
                       hlV/PpQEKTWUVeORWz83AiEA5x2eXZOVbUlJSGQgjwD5vaUaKlLR50Q2DmFfQj1L+SY=";
    const THUMBPRINT: &str = "A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0";

    fn certificate() -> ClientCertificate {
        ClientCertificate::from_der(&STANDARD.decode(DER).unwrap())
    }

    #[test]
    fn the_thumbprint_is_that_of_the_rfc() {
        assert_eq!(certificate().thumbprint(), THUMBPRINT);
        assert_eq!(format!("{:?}", certificate()), format!("ClientCertificate({THUMBPRINT})"));
    }

    #[test]
    fn only_the_very_thumbprint_binds() {
        let shown = ShownCertificate::One(certificate());
        assert_eq!(shown.bound_by(THUMBPRINT).ok(), Some(certificate()));
        for other in [
            "",
            "A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v",
            "A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0=",
            "A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v1",
            "a4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0",
            "0380ed2f626650c840b2f263e6d2b29fae12ab39ae5db32b25ad27efad72e6fd",
            "\u{e4}4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v",
        ] {
            assert!(matches!(shown.bound_by(other), Err(Failure::CertificateMismatch)), "{other}");
        }
    }

    #[test]
    fn what_is_no_certificate_binds_nothing() {
        assert!(matches!(ShownCertificate::None.bound_by(THUMBPRINT), Err(Failure::CertificateMissing)));
        assert!(matches!(
            ShownCertificate::Unreadable("x").bound_by(THUMBPRINT),
            Err(Failure::CertificateUnreadable("x"))
        ));
    }
}
