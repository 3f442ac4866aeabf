//! A public key that many threads verify with at once.

use std::sync::Arc;
use std::sync::OnceLock;

use crate::signature::Material;
use crate::signature::VerifyingKey;
use crate::striped::Striped;
use crate::token::Algorithm;

/// A public key that many threads verify with at once. The backends lock a key and count its users with each signature,
/// so threads have parsed keys of their own, parsed when they are first needed.
#[derive(Debug)]
pub(crate) struct SharedKey {
    algorithm: Algorithm,
    material: Arc<Material>,
    parsed: Striped<OnceLock<Option<VerifyingKey>>>,
}

impl SharedKey {
    /// `None` if the material does not belong to the algorithm, or is no sound public key.
    pub(crate) fn new(algorithm: Algorithm, material: &Arc<Material>) -> Option<Self> {
        let key = VerifyingKey::new(algorithm, material)?;
        let parsed = Striped::<OnceLock<_>>::new();
        parsed.own()?.get_or_init(|| Some(key));
        Some(Self { algorithm, material: Arc::clone(material), parsed })
    }

    /// Whether `signature` is this key's over `message`.
    #[must_use]
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let parse = || VerifyingKey::new(self.algorithm, &self.material);
        let parsed = self.parsed.own().and_then(|parsed| parsed.get_or_init(parse).as_ref());
        parsed.is_some_and(|key| key.verifies(message, signature))
    }
}

#[cfg(test)]
mod tests {
    use openssl::pkey::PKey;
    use openssl::sign::Signer;

    use super::*;
    use crate::signature::Curve;

    #[test]
    fn threads_that_were_not_there_when_it_was_made_verify_as_well() {
        let private = PKey::generate_ed25519().unwrap();
        let material = Material::Okp { curve: Curve::Ed25519, x: private.raw_public_key().unwrap() };
        let signature = Signer::new_without_digest(&private).unwrap().sign_oneshot_to_vec(b"message").unwrap();
        let key = SharedKey::new(Algorithm::Ed25519, &Arc::new(material)).unwrap();
        std::thread::scope(|scope| {
            for _ in 0..40 {
                scope.spawn(|| {
                    assert!(key.verifies(b"message", &signature));
                    assert!(!key.verifies(b"another", &signature));
                });
            }
        });
    }
}
