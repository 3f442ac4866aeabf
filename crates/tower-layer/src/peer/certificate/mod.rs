//! The field in which a proxy tells the certificate of its client.

// One certificate or a list of them, in each form.
mod der;
mod digest;
mod pem;
mod xfcc;

mod element;
mod format;

use claviger_core::ClientCertificate;
use claviger_core::Presentation;
use http::HeaderMap;
use http::HeaderName;
use http::Request;

pub use self::element::CertificateElement;
pub use self::format::CertificateFormat;
use crate::peer::proxies::TrustedProxies;

/// Its name, and how it is read.
#[derive(Debug)]
pub(crate) struct CertificateField {
    name: HeaderName,
    format: CertificateFormat,
    element: CertificateElement,
}

impl CertificateField {
    /// Without a format, the one that fields of this name have.
    pub(crate) fn new(name: HeaderName, format: Option<CertificateFormat>, element: CertificateElement) -> Self {
        let format = format.unwrap_or_else(|| CertificateFormat::of_field(&name));
        Self { name, format, element }
    }

    /// The presentation with the certificate of the client, if there is one.
    ///
    /// Where the peer is a proxy that tells it in this field, the certificate of the connection is the proxy's own, and
    /// no client's: it is not looked at then.
    pub(crate) fn show<'a, B>(
        field: Option<&Self>,
        proxies: &TrustedProxies,
        request: &Request<B>,
        presentation: Presentation<'a>,
    ) -> Presentation<'a> {
        let told = match field.filter(|_| proxies.have_sent(request)) {
            Some(field) => field.read(request.headers()),
            None => Ok(request.extensions().get::<ClientCertificate>().copied()),
        };
        match told {
            Ok(None) => presentation,
            Ok(Some(certificate)) => presentation.with_certificate(certificate),
            Err(why) => presentation.with_unreadable_certificate(why),
        }
    }

    /// # Errors
    ///
    /// What is wrong with it, for the log.
    fn read(&self, headers: &HeaderMap) -> Result<Option<ClientCertificate>, &'static str> {
        let mut fields = headers.get_all(&self.name).iter();
        let (first, second) = (fields.next(), fields.next());
        let Some(field) = first else { return Ok(None) };
        if second.is_some() {
            return Err("there are several such fields");
        }
        let text = field.to_str().map_err(|_| "it is not text")?.trim();
        if self.format.is_absent(text) {
            return Ok(None);
        }
        // All elements are read, whichever counts: in what is malformed somewhere nobody knows where an element ends.
        let certificates = self.format.read(text)?;
        self.element.of(&certificates).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(element: CertificateElement, values: &[&str]) -> Result<Option<ClientCertificate>, &'static str> {
        let name = HeaderName::from_static("x-forwarded-client-cert");
        let fields = values.iter().map(|value| (name.clone(), value.parse().unwrap()));
        CertificateField::new(name.clone(), None, element).read(&fields.collect())
    }

    fn hash(digit: char) -> String {
        format!("Hash={}", String::from_iter([digit; 64]))
    }

    #[test]
    fn one_line_is_read_and_an_empty_one_is_none() {
        let [zero, one] = ['0', '1'].map(hash);
        let both = format!("{zero},{one}");
        for (element, of_both) in [
            (CertificateElement::Only, None),
            (CertificateElement::First, Some(ClientCertificate::from_sha256([0; 32]))),
            (CertificateElement::Last, Some(ClientCertificate::from_sha256([0x11; 32]))),
        ] {
            assert_eq!(read(element, &[]), Ok(None));
            assert_eq!(read(element, &[""]), Ok(None));
            assert_eq!(read(element, &[" (null) "]), Ok(None));
            assert_eq!(read(element, &[&zero]), Ok(Some(ClientCertificate::from_sha256([0; 32]))));
            assert_eq!(read(element, &[&both]).ok().flatten(), of_both, "{element:?}");
            assert!(read(element, &[&zero, &zero]).is_err(), "two lines are none, whatever {element:?} is");
            assert!(read(element, &["", &zero]).is_err());
            for malformed in [format!("{zero},x"), format!("x,{zero}"), format!("{zero},By=x,{one}")] {
                assert!(read(element, &[&malformed]).is_err(), "{element:?} {malformed}");
            }
        }
    }
}
