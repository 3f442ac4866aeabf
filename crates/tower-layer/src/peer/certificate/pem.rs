//! A certificate as one PEM text (RFC 7468), percent-encoded: nginx's `$ssl_client_escaped_cert`, and what is like it.

use claviger_core::ClientCertificate;
use percent_encoding::percent_decode_str;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

/// # Errors
///
/// What is wrong with it, for the log.
pub(super) fn read(encoded: &str) -> Result<ClientCertificate, &'static str> {
    let decoded = percent_decode_str(encoded).decode_utf8().map_err(|_| "it is no percent-encoded text")?;
    let text = decoded.trim();
    let inner = text.strip_prefix(BEGIN).and_then(|rest| rest.strip_suffix(END));
    // The parser would skip what stands around a certificate, and further ones; no dash is in base64.
    if inner.is_none_or(|inner| inner.contains('-')) {
        return Err("it is not one certificate in percent-encoded PEM");
    }
    let der = CertificateDer::from_pem_slice(text.as_bytes()).map_err(|_| "its PEM is malformed")?;
    Ok(ClientCertificate::from_der(&der))
}

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

#[cfg(test)]
mod tests {
    use super::*;

    /// "abc" in base64, so that the digest is that of FIPS 180-4.
    const ABC: &str = "-----BEGIN%20CERTIFICATE-----%0AYWJj%0A-----END%20CERTIFICATE-----%0A";

    #[test]
    fn one_certificate_is_read() {
        let digest =
            b"\xba\x78\x16\xbf\x8f\x01\xcf\xea\x41\x41\x40\xde\x5d\xae\x22\x23\xb0\x03\x61\xa3\x96\x17\x7a\x9c\
                       \xb4\x10\xff\x61\xf2\x00\x15\xad";
        for encoded in [
            ABC,
            "-----BEGIN CERTIFICATE-----%0aYWJj%0a-----END CERTIFICATE-----",
            "%2D%2D%2D%2D%2DBEGIN%20CERTIFICATE-----%0D%0AYWJj%0D%0A-----END%20CERTIFICATE-----%0D%0A",
        ] {
            assert_eq!(read(encoded), Ok(ClientCertificate::from_sha256(*digest)), "{encoded}");
        }
    }

    /// AWS leaves `+`, `=` and `/` as they are, which base64 needs.
    #[test]
    fn a_plus_is_no_space() {
        let encoded = "-----BEGIN%20CERTIFICATE-----%0A+/+/%0A-----END%20CERTIFICATE-----";
        assert_eq!(read(encoded), Ok(ClientCertificate::from_der(b"\xfb\xff\xbf")));
    }

    #[test]
    fn anything_else_is_refused() {
        for encoded in [
            "x",
            "%",
            "%zz",
            "%ff",
            "YWJj",
            "-----BEGIN%20CERTIFICATE-----%0A",
            "-----BEGIN%20CERTIFICATE-----%0AYW!j%0A-----END%20CERTIFICATE-----",
            "-----BEGIN%20CERTIFICATE-----%0AY%0A-----END%20CERTIFICATE-----",
            "-----BEGIN%20PUBLIC%20KEY-----%0AYWJj%0A-----END%20PUBLIC%20KEY-----",
            "-----BEGIN%20CERTIFICATE----- YWJj -----END%20CERTIFICATE-----",
            &[ABC, ABC].concat(),
            &[ABC, ",", ABC].concat(),
            &[ABC, ","].concat(),
            &["x", ABC].concat(),
            &[ABC, "x%0A-----END%20CERTIFICATE-----"].concat(),
            &[ABC, "x"].concat(),
        ] {
            assert!(read(encoded).is_err(), "{encoded}");
        }
    }
}
