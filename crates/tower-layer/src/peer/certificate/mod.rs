//! The field in which a proxy tells the certificate of its client.

mod pem;
mod xfcc;

use claviger_core::ClientCertificate;
use claviger_core::Presentation;
use http::HeaderMap;
use http::HeaderName;
use http::Request;

use crate::peer::TrustedProxies;

/// Its name, which tells its form.
#[derive(Debug)]
pub(crate) struct CertificateField(HeaderName);

impl CertificateField {
    pub(crate) fn new(name: HeaderName) -> Self {
        Self(name)
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
        let mut fields = headers.get_all(&self.0).iter();
        let (first, second) = (fields.next(), fields.next());
        let Some(field) = first else { return Ok(None) };
        if second.is_some() {
            return Err("there are several such fields");
        }
        let text = field.to_str().map_err(|_| "it is no text")?.trim();
        match text {
            // What some proxies send for a client without a certificate.
            "" => Ok(None),
            element if self.0 == XFCC => xfcc::read(element).map(Some),
            pem => pem::read(pem).map(Some),
        }
    }
}

/// Envoy's.
const XFCC: &str = "x-forwarded-client-cert";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_field_is_read_and_an_empty_one_is_none() {
        let field = CertificateField::new(HeaderName::from_static(XFCC));
        let hash = format!("Hash={}", "0".repeat(64));
        let read = |values: &[&str]| {
            let fields = values.iter().map(|value| (HeaderName::from_static(XFCC), value.parse().unwrap()));
            field.read(&fields.collect())
        };
        assert_eq!(read(&[]), Ok(None));
        assert_eq!(read(&[""]), Ok(None));
        assert_eq!(read(&[&hash]), Ok(Some(ClientCertificate::from_sha256([0; 32]))));
        assert!(read(&[&hash, &hash]).is_err());
        assert!(read(&["", &hash]).is_err());
    }
}
