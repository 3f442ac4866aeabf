//! An API that is guarded by the keys of a vector, and what it says of a token.

use claviger_core::Algorithm;
use claviger_core::Issuer;
use claviger_core::Profile;
use claviger_core::Verification;
use claviger_core::Verifier;
use claviger_core::error::Reason;
use claviger_core::error::Refusal;
use claviger_testing::SigningAlgorithm;
use claviger_testing::SigningKey;
use serde_json::Value;
use serde_json::json;

/// An API that is guarded by the keys of a vector.
pub(crate) struct Api {
    verifier: Verifier,
}

impl Api {
    /// Guarded by those of the keys that can be used, or by a key of its own where none can.
    pub(crate) fn guarded_by(keys: &[Value]) -> Self {
        Self::build(keys).unwrap_or_else(|| {
            let own = SigningKey::generate(SigningAlgorithm::Es256);
            Self::build(&[own.public_jwk()]).unwrap()
        })
    }

    /// Why `token` is refused.
    ///
    /// # Panics
    ///
    /// If it is believed, or the fault is said to be ours.
    pub(crate) fn refuses(&self, token: &str) -> Reason {
        let Verification::Decided(verdict) = self.verifier.begin(token) else {
            panic!("nothing is awaited with these keys: {token}");
        };
        let Err(refused) = verdict else {
            panic!("this token is believed: {token}");
        };
        assert_eq!(refused.refusal(), Refusal::InvalidToken, "{token}: {refused}");
        refused.reason()
    }

    fn build(keys: &[Value]) -> Option<Self> {
        let issuer = Issuer::new("https://issuer.example.com", "https://api.example.com")
            .with_profile(Profile::Jwt)
            .with_algorithms(Algorithm::ALL.iter().copied())
            .with_jwks(json!({ "keys": keys }).to_string());
        Some(Self { verifier: Verifier::builder(issuer).build().ok()? })
    }
}
