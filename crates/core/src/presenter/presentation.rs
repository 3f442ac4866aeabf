//! How a token is presented, as the request has it.

use std::borrow::Cow;
use std::fmt;

use http::HeaderMap;
use http::HeaderValue;
use http::Method;

use crate::presenter::ClientCertificate;
use crate::presenter::TokenScheme;
use crate::presenter::certificate::ShownCertificate;
use crate::presenter::dpop::TargetUri;

/// How a request presents its token: by which scheme, and what it shows beside it.
///
/// ```
/// use claviger_core::Presentation;
/// use claviger_core::TargetUri;
/// use claviger_core::TokenScheme;
/// use http::HeaderMap;
/// use http::Method;
///
/// # let headers = HeaderMap::new();
/// let target = TargetUri::new("https://api.example.com", "/reports");
/// let presentation = Presentation::dpop(&Method::GET, Some(target)).with_proofs(&headers);
/// assert_eq!(presentation.scheme(), TokenScheme::Dpop);
/// ```
#[derive(Clone)]
#[must_use]
pub struct Presentation<'a> {
    scheme: TokenScheme,
    proofs: Proofs<'a>,
    certificate: ShownCertificate,
    method: Cow<'a, str>,
    target: Option<TargetUri<'a>>,
}

/// The `DPoP` fields of a request.
#[derive(Clone)]
pub(super) enum Proofs<'a> {
    None,
    One(Cow<'a, [u8]>),
    Several,
}

impl<'a> Presentation<'a> {
    /// By the scheme Bearer, or from a place that has no scheme.
    pub const fn bearer() -> Self {
        Self::of(TokenScheme::Bearer, "", None)
    }

    /// By the scheme DPoP, in a request of this method for this URI; `None` for a request whose URI is none of ours, which
    /// no proof can be for.
    pub fn dpop(method: &'a Method, target: Option<TargetUri<'a>>) -> Self {
        Self::of(TokenScheme::Dpop, method.as_str(), target)
    }

    const fn of(scheme: TokenScheme, method: &'a str, target: Option<TargetUri<'a>>) -> Self {
        let (proofs, certificate) = (Proofs::None, ShownCertificate::None);
        Self { scheme, proofs, certificate, method: Cow::Borrowed(method), target }
    }

    /// With what the request has in its `DPoP` fields: one proof, or none, or too many.
    pub fn with_proofs(mut self, headers: &'a HeaderMap) -> Self {
        let mut fields = headers.get_all(DPOP).iter().map(HeaderValue::as_bytes);
        self.proofs = match (fields.next(), fields.next()) {
            (None, _) => Proofs::None,
            (Some(proof), None) => Proofs::One(Cow::Borrowed(proof)),
            (Some(_), Some(_)) => Proofs::Several,
        };
        self
    }

    /// With the certificate that the client showed in the TLS handshake of this request's connection: a token that is bound
    /// to it is taken by either scheme (RFC 8705, section 3).
    ///
    /// ```
    /// use claviger_core::ClientCertificate;
    /// use claviger_core::Presentation;
    ///
    /// # let der = [0x30, 0x00];
    /// let presentation = Presentation::bearer().with_certificate(ClientCertificate::from_der(&der));
    /// # let _ = presentation;
    /// ```
    pub fn with_certificate(mut self, certificate: ClientCertificate) -> Self {
        self.certificate = ShownCertificate::One(certificate);
        self
    }

    /// With what should tell the client's certificate and cannot be read, or tells several. `why` is for the log; it holds
    /// nothing of the request. Only tokens that are bound to a certificate are refused for it.
    pub fn with_unreadable_certificate(mut self, why: &'static str) -> Self {
        self.certificate = ShownCertificate::Unreadable(why);
        self
    }

    /// The scheme.
    #[must_use]
    pub fn scheme(&self) -> TokenScheme {
        self.scheme
    }

    pub(super) fn proofs(&self) -> &Proofs<'a> {
        &self.proofs
    }

    pub(super) fn certificate(&self) -> &ShownCertificate {
        &self.certificate
    }

    pub(super) fn method(&self) -> &str {
        &self.method
    }

    pub(super) fn target(&self) -> Option<&TargetUri<'a>> {
        self.target.as_ref()
    }

    /// The same, holding its own text.
    pub(crate) fn into_owned(self) -> Presentation<'static> {
        Presentation {
            scheme: self.scheme,
            proofs: match self.proofs {
                Proofs::None => Proofs::None,
                Proofs::One(proof) => Proofs::One(Cow::Owned(proof.into_owned())),
                Proofs::Several => Proofs::Several,
            },
            certificate: self.certificate,
            method: Cow::Owned(self.method.into_owned()),
            target: self.target.map(TargetUri::into_owned),
        }
    }
}

impl fmt::Debug for Presentation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Presentation").field("scheme", &self.scheme).finish_non_exhaustive()
    }
}

/// RFC 9449, section 4.1. Names of fields have no case.
const DPOP: &str = "dpop";
