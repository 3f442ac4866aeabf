//! What a presenter was found to hold beside the token.

use crate::presenter::ClientCertificate;
use crate::presenter::Thumbprint;
use crate::presenter::dpop::Nonce;

/// What a token is bound to, as it was shown with this very request: a key, a certificate, or both.
#[derive(Debug)]
pub(crate) struct Possession {
    pub(crate) key: Option<HeldKey>,
    pub(crate) certificate: Option<ClientCertificate>,
}

/// A key whose possession was shown by a proof.
#[derive(Debug)]
pub(crate) struct HeldKey {
    pub(crate) thumbprint: Thumbprint,
    /// For the next proof, where the one of this proof ends soon.
    pub(crate) next_nonce: Option<Nonce>,
}
