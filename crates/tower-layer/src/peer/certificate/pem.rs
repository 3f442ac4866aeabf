//! Certificates as PEM (RFC 7468), as fields can hold it: percent-encoded like nginx's `$ssl_client_escaped_cert`, or with
//! blanks or nothing for its newlines like Apache's `%{SSL_CLIENT_CERT}s`.

use claviger_core::ClientCertificate;
use percent_encoding::percent_decode_str;

use crate::peer::certificate::der;

/// One certificate or several, with commas between them or without.
///
/// # Errors
///
/// What is wrong with it, for the log.
pub(super) fn read(text: &str) -> Result<Vec<ClientCertificate>, &'static str> {
    let decoded = percent_decode_str(text).decode_utf8().map_err(|_| "it is not percent-encoded UTF-8")?;
    let mut certificates = Vec::new();
    let mut rest = decoded.trim();
    loop {
        let behind = rest.strip_prefix(BEGIN).ok_or(NOT_PEM)?;
        let (body, behind) = behind.split_once(END).ok_or(NOT_PEM)?;
        // Two lines of one field are refused before, so no proxy has joined what is not of one.
        let base64: String = body.split_ascii_whitespace().collect();
        certificates.push(der::read(&base64)?);
        let behind = behind.trim_start();
        if behind.is_empty() {
            return Ok(certificates);
        }
        rest = behind.strip_prefix(',').unwrap_or(behind).trim_start();
    }
}

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";
const NOT_PEM: &str = "it is not a certificate in PEM";

#[cfg(test)]
mod tests {
    use super::*;

    /// A sequence that is as short as can be shown.
    const ONE: &str = "-----BEGIN%20CERTIFICATE-----%0AMANhYmM=%0A-----END%20CERTIFICATE-----%0A";

    fn one() -> ClientCertificate {
        ClientCertificate::from_der(b"0\x03abc")
    }

    #[test]
    fn one_certificate_is_read_in_each_form() {
        for text in [
            ONE,
            "-----BEGIN CERTIFICATE-----%0aMANhYmM=%0a-----END CERTIFICATE-----",
            "%2D%2D%2D%2D%2DBEGIN%20CERTIFICATE-----%0D%0AMANhYmM%3D%0D%0A-----END%20CERTIFICATE-----%0D%0A",
            // Apache, and what takes newlines out.
            "-----BEGIN CERTIFICATE----- MANhYmM= -----END CERTIFICATE----- ",
            "-----BEGIN CERTIFICATE----- MANh YmM= -----END CERTIFICATE-----",
            "-----BEGIN CERTIFICATE-----MANhYmM=-----END CERTIFICATE-----",
            "-----BEGIN CERTIFICATE-----\tMANh\tYmM=\t-----END CERTIFICATE-----",
        ] {
            assert_eq!(read(text), Ok(vec![one()]), "{text}");
        }
    }

    #[test]
    fn several_certificates_are_read_in_their_order() {
        let other = ONE.replace("MANhYmM", "MANhYmQ");
        for between in ["", "%0A", ",", " , ", "%2C"] {
            let read = read(&[ONE, between, &other].concat());
            assert_eq!(read, Ok(vec![one(), ClientCertificate::from_der(b"0\x03abd")]), "{between}");
        }
    }

    /// AWS leaves `+`, `=` and `/` as they are, which base64 needs.
    #[test]
    fn a_plus_is_not_a_space() {
        let encoded = "-----BEGIN%20CERTIFICATE-----%0AMAP7/+8=%0A-----END%20CERTIFICATE-----";
        assert_eq!(read(encoded), Ok(vec![ClientCertificate::from_der(b"0\x03\xfb\xff\xef")]));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "x",
            "%",
            "%zz",
            "%ff",
            "MANhYmM=",
            "-----BEGIN%20CERTIFICATE-----%0A",
            "-----BEGIN CERTIFICATE----------END CERTIFICATE-----",
            "-----BEGIN%20CERTIFICATE-----%0AMANh!YmM=%0A-----END%20CERTIFICATE-----",
            "-----BEGIN%20CERTIFICATE-----%0AY%0A-----END%20CERTIFICATE-----",
            "-----BEGIN%20PUBLIC%20KEY-----%0AMANhYmM=%0A-----END%20PUBLIC%20KEY-----",
            "-----BEGIN CERTIFICATE----- Proc-Type: 4 MANhYmM= -----END CERTIFICATE-----",
            &[ONE, ","].concat(),
            &[",", ONE].concat(),
            &[ONE, ",,", ONE].concat(),
            &["x", ONE].concat(),
            &[ONE, "x%0A-----END%20CERTIFICATE-----"].concat(),
            &[ONE, "x"].concat(),
            &[ONE, "x", ONE].concat(),
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
