//! Which element of a field is the client's certificate.

use std::str::FromStr;

use claviger_core::ClientCertificate;

/// Which element of a field is the certificate of the client, where there may be several.
///
/// ```
/// use claviger::CertificateElement;
///
/// assert_eq!(CertificateElement::default(), CertificateElement::Only);
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum CertificateElement {
    /// There is one; a field with several names no certificate. The default.
    #[default]
    Only,
    /// The first of any number. For proxies that write the client's certificate before those of its authorities
    /// (Traefik), or append an element of their own to that of the edge proxy (Envoy's `APPEND_FORWARD`). The edge proxy
    /// must clear what its clients send, for they could send the first element.
    First,
    /// The last of any number. For a proxy that appends the certificate of its own client to what that client sends.
    Last,
}

impl CertificateElement {
    /// # Errors
    ///
    /// Why it is none of them, for the log.
    pub(super) fn of(self, certificates: &[ClientCertificate]) -> Result<ClientCertificate, &'static str> {
        match (self, certificates) {
            (Self::Only, [certificate]) | (Self::First, [certificate, ..]) | (Self::Last, [.., certificate]) => {
                Ok(*certificate)
            }
            (Self::Only, _) => Err("it has several elements, and `certificate.element` is \"only\""),
            (Self::First | Self::Last, []) => Err("it has no element"),
        }
    }
}

impl FromStr for CertificateElement {
    type Err = &'static str;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "only" => Ok(Self::Only),
            "first" => Ok(Self::First),
            "last" => Ok(Self::Last),
            _ => Err("must be \"only\", \"first\" or \"last\""),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_one_element_is_left() {
        let [one, two, three] = [1, 2, 3].map(|octet| ClientCertificate::from_sha256([octet; 32]));
        for (certificates, only, first, last) in [
            (&[][..], None, None, None),
            (&[one], Some(one), Some(one), Some(one)),
            (&[one, one], None, Some(one), Some(one)),
            (&[one, two, three], None, Some(one), Some(three)),
        ] {
            let of = |element: CertificateElement| element.of(certificates).ok();
            assert_eq!(of(CertificateElement::Only), only, "{certificates:?}");
            assert_eq!(of(CertificateElement::First), first, "{certificates:?}");
            assert_eq!(of(CertificateElement::Last), last, "{certificates:?}");
        }
    }
}
