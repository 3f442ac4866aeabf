//! What the layer adds to the response of the service behind it.

use http::HeaderMap;
use http::HeaderValue;

use crate::respond::Sharing;
use crate::respond::nonce;
use crate::respond::vary;

/// What the layer adds to the response of the service behind it.
#[derive(Debug, Default)]
pub(crate) struct Added {
    sharing: Sharing,
    field: Option<AddedField>,
}

/// An anonymous request has no next proof, so it is one or the other.
#[derive(Debug)]
enum AddedField {
    NextNonce(HeaderValue),
    Vary(HeaderValue),
}

impl Added {
    pub(crate) fn sharing(sharing: Sharing) -> Self {
        Self { sharing, field: None }
    }

    /// `DPoP-Nonce` for the client's next proof.
    pub(crate) fn with_next_nonce(self, nonce: Option<HeaderValue>) -> Self {
        Self { field: nonce.map(AddedField::NextNonce), ..self }
    }

    /// The fields that could have held a token.
    pub(crate) fn with_vary(self, fields: HeaderValue) -> Self {
        Self { field: Some(AddedField::Vary(fields)), ..self }
    }

    pub(crate) fn add_to(self, headers: &mut HeaderMap) {
        self.sharing.apply(headers);
        match self.field {
            None => {}
            Some(AddedField::NextNonce(nonce)) => nonce::set_next(headers, nonce),
            Some(AddedField::Vary(fields)) => vary::add(headers, &fields),
        }
    }
}
