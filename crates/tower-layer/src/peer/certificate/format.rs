//! The forms in which proxies write certificates into a field.

use std::str::FromStr;

use claviger_core::ClientCertificate;
use http::HeaderName;
use percent_encoding::percent_decode_str;

use crate::peer::certificate::der;
use crate::peer::certificate::digest;
use crate::peer::certificate::pem;
use crate::peer::certificate::xfcc;

/// The form in which a proxy writes the certificate of its client into a field.
///
/// See [`CertificateSettings`](crate::CertificateSettings) for which proxy writes which.
///
/// ```
/// use claviger::CertificateFormat;
///
/// assert_eq!("rfc9440".parse(), Ok(CertificateFormat::Rfc9440));
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum CertificateFormat {
    /// Envoy's elements of members, of which `Hash` or `Cert` names the certificate; `"xfcc"`. The default for the field
    /// `x-forwarded-client-cert`.
    Xfcc,
    /// PEM, percent-encoded or with blanks or nothing for its newlines; `"pem"`. The default for fields of other names.
    Pem,
    /// A Byte Sequence of RFC 9440, base64 of the DER encoding between colons; `"rfc9440"`. The default for the field
    /// `client-cert`.
    Rfc9440,
    /// Base64 of the DER encoding and nothing else, percent-encoded or not; `"der"`.
    Der,
    /// The SHA-256 digest of the DER encoding, in hexadecimal; `"sha256"`.
    Sha256,
}

impl CertificateFormat {
    /// What a field of this name holds, unless it is configured.
    pub(crate) fn of_field(name: &HeaderName) -> Self {
        match name.as_str() {
            "x-forwarded-client-cert" => Self::Xfcc,
            "client-cert" => Self::Rfc9440,
            _ => Self::Pem,
        }
    }

    /// Whether a proxy has written that there is no certificate: an empty text in this form, or Apache's `(null)`.
    pub(super) fn is_absent(self, text: &str) -> bool {
        match (self, text) {
            (_, "" | "(null)") | (Self::Rfc9440, "::") => true,
            (Self::Sha256, hex) => digest::is_of_nothing(hex),
            (Self::Xfcc | Self::Pem | Self::Rfc9440 | Self::Der, _) => false,
        }
    }

    /// The certificates of all elements, of which there is at least one.
    ///
    /// # Errors
    ///
    /// What is wrong with the first malformed element, for the log.
    pub(super) fn read(self, text: &str) -> Result<Vec<ClientCertificate>, &'static str> {
        match self {
            Self::Xfcc => xfcc::read(text),
            Self::Pem => pem::read(text),
            Self::Rfc9440 => list(text, byte_sequence),
            Self::Der => list(text, escaped_der),
            Self::Sha256 => list(text, digest::read),
        }
    }
}

/// Elements separated by commas, none of which is empty.
fn list(
    text: &str,
    read: fn(&str) -> Result<ClientCertificate, &'static str>,
) -> Result<Vec<ClientCertificate>, &'static str> {
    text.split(',').map(|element| read(element.trim())).collect()
}

/// RFC 9651, section 3.3.5, without parameters.
fn byte_sequence(text: &str) -> Result<ClientCertificate, &'static str> {
    let base64 = text.strip_prefix(':').and_then(|rest| rest.strip_suffix(':'));
    der::read(base64.ok_or("it does not stand between colons (RFC 9440)")?)
}

/// Traefik 2 percent-encodes it; base64 has no percent signs.
fn escaped_der(text: &str) -> Result<ClientCertificate, &'static str> {
    der::read(&percent_decode_str(text).decode_utf8().map_err(|_| "it is not base64")?)
}

impl FromStr for CertificateFormat {
    type Err = &'static str;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "xfcc" => Ok(Self::Xfcc),
            "pem" => Ok(Self::Pem),
            "rfc9440" => Ok(Self::Rfc9440),
            "der" => Ok(Self::Der),
            "sha256" => Ok(Self::Sha256),
            _ => Err("must be \"xfcc\", \"pem\", \"rfc9440\", \"der\" or \"sha256\""),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    const PEM: &str = "-----BEGIN CERTIFICATE----- MANhYmM= -----END CERTIFICATE-----";

    #[test]
    fn each_format_reads_lists_of_its_own_elements() {
        let certificate = ClientCertificate::from_der(b"0\x03abc");
        for (format, element) in [
            (CertificateFormat::Xfcc, &*format!("Cert=\"{}\"", PEM.replace(' ', "%20"))),
            (CertificateFormat::Pem, PEM),
            (CertificateFormat::Rfc9440, ":MANhYmM=:"),
            (CertificateFormat::Der, "MANhYmM="),
            (CertificateFormat::Der, "MANhYmM%3D"),
        ] {
            assert_eq!(format.read(element), Ok(vec![certificate]), "{element}");
            for list in [format!("{element},{element}"), format!("{element} , {element}")] {
                assert_eq!(format.read(&list), Ok(vec![certificate; 2]), "{list}");
            }
            for list in [
                format!("{element},"),
                format!(",{element}"),
                format!("{element},,{element}"),
                format!("{element},x"),
                format!("x,{element}"),
                format!("{element},(null)"),
                format!("{element};{element}"),
            ] {
                assert!(format.read(&list).is_err(), "{format:?} {list}");
            }
        }
        assert_eq!(CertificateFormat::Sha256.read(HASH), Ok(vec![ClientCertificate::from_der(b"abc")]));
        assert_eq!(CertificateFormat::Sha256.read(&format!("{HASH}, {HASH}")).map(|read| read.len()), Ok(2));
    }

    #[test]
    fn no_format_reads_the_elements_of_another() {
        let hash = format!("Hash={HASH}");
        let elements = [
            (CertificateFormat::Xfcc, hash.as_str()),
            (CertificateFormat::Pem, PEM),
            (CertificateFormat::Rfc9440, ":MANhYmM=:"),
            (CertificateFormat::Der, "MANhYmM="),
            (CertificateFormat::Sha256, HASH),
        ];
        for (format, _) in elements {
            for (own, element) in elements {
                assert_eq!(format.read(element).is_ok(), format == own, "{format:?} {element}");
            }
        }
    }

    #[test]
    fn nothing_is_absent_in_each_format() {
        let empty = "E3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        for (format, of_its_own) in [
            (CertificateFormat::Xfcc, None),
            (CertificateFormat::Pem, None),
            (CertificateFormat::Rfc9440, Some("::")),
            (CertificateFormat::Der, None),
            (CertificateFormat::Sha256, Some(empty)),
        ] {
            for text in ["", "(null)", "::", empty] {
                let is_absent = matches!(text, "" | "(null)") || Some(text) == of_its_own;
                assert_eq!(format.is_absent(text), is_absent, "{format:?} {text}");
                assert!(format.read(text).is_err(), "{format:?} {text}");
            }
        }
    }

    #[test]
    fn the_default_goes_by_the_name_of_the_field() {
        for (name, format) in [
            ("X-Forwarded-Client-Cert", CertificateFormat::Xfcc),
            ("Client-Cert", CertificateFormat::Rfc9440),
            ("X-SSL-Client-Cert", CertificateFormat::Pem),
        ] {
            assert_eq!(CertificateFormat::of_field(&name.parse().unwrap()), format, "{name}");
        }
    }
}
