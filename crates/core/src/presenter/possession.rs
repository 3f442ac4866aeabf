//! What a presenter was found to hold beside the token.

use crate::presenter::Thumbprint;
use crate::presenter::dpop::Nonce;

/// A key whose possession was shown for this very request.
#[derive(Debug)]
pub(crate) struct Possession {
    pub(crate) key: Thumbprint,
    /// For the next proof, where the one of this proof ends soon.
    pub(crate) next_nonce: Option<Nonce>,
}
