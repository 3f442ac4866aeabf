//! One signature, two backends, one verdict.

use claviger_core::Algorithm;
use claviger_core::vectors;
use claviger_core::vectors::Backend;
use serde_json::Value;

/// Whether `jwk` may be used with `algorithm` and signed `message`: by the word of both backends.
pub(crate) fn verifies(jwk: &Value, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
    let jwk = jwk.to_string();
    let [chosen, josekit] = [Backend::Default, Backend::Josekit]
        .map(|backend| vectors::verifies(backend, &jwk, algorithm, message, signature));
    assert_eq!(chosen, josekit, "the backends disagree on a {algorithm} signature by {jwk}");
    chosen == Some(true)
}
