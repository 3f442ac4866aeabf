//! What the benchmarks and the count of allocations measure: one token or proof, as claviger sees it and as bare
//! cryptography does.

mod proof;
mod uses;

pub use proof::ProofSubject;
pub use uses::Uses;
pub use uses::distinct;

use std::pin::pin;
use std::task::Context;
use std::task::Poll;
use std::task::Waker;

use aws_lc_rs::signature::ECDSA_P256_SHA256_FIXED;
use aws_lc_rs::signature::ParsedPublicKey;
use aws_lc_rs::signature::RSA_PKCS1_2048_8192_SHA256;
use aws_lc_rs::signature::VerificationAlgorithm;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use claviger_core::Issuer;
use claviger_core::VerifiedToken;
use claviger_core::Verifier;
use claviger_core::error::VerifyError;
use claviger_testing::SigningAlgorithm;
use claviger_testing::SigningKey;
use claviger_testing::TestIssuer;
use openssl::pkey::PKey;

mod crowd;

pub use crowd::Crowd;

/// One token, and both ways to verify it. The keys are at hand.
#[derive(Debug)]
pub struct Subject {
    token: String,
    verifier: Verifier,
    bare: ParsedPublicKey,
    signature: Vec<u8>,
    signed: usize,
}

impl Subject {
    /// A usual access token, signed with RS256 and 2048 bits.
    #[must_use]
    pub fn rs256() -> Self {
        Self::new(SigningAlgorithm::Rs256, &RSA_PKCS1_2048_8192_SHA256)
    }

    /// A usual access token, signed with ES256.
    #[must_use]
    pub fn es256() -> Self {
        Self::new(SigningAlgorithm::Es256, &ECDSA_P256_SHA256_FIXED)
    }

    /// The whole way of a token: parsed, its issuer and key found, its signature and claims judged.
    ///
    /// # Errors
    ///
    /// The check that failed; none should.
    ///
    /// # Panics
    ///
    /// If something had to be awaited, which would not be what is measured.
    #[expect(clippy::panic, reason = "documented")]
    pub fn verify(&self) -> Result<VerifiedToken, VerifyError> {
        let verdict = pin!(self.verifier.verify(&self.token)).poll(&mut Context::from_waker(Waker::noop()));
        match verdict {
            Poll::Ready(verdict) => verdict,
            Poll::Pending => panic!("the keys are not at hand"),
        }
    }

    /// The signature alone: the physical limit.
    #[must_use]
    pub fn verify_bare(&self) -> bool {
        let signed = self.token.as_bytes().get(..self.signed).unwrap_or_default();
        self.bare.verify_sig(signed, &self.signature).is_ok()
    }

    /// Bytes of the token.
    #[must_use]
    pub fn token_bytes(&self) -> usize {
        self.token.len()
    }

    #[expect(clippy::expect_used, reason = "a benchmark cannot go on without what it measures")]
    fn new(algorithm: SigningAlgorithm, bare: &'static dyn VerificationAlgorithm) -> Self {
        let issuer = TestIssuer::builder().with_key(SigningKey::generate(algorithm)).in_memory();
        let trusted = Issuer::new(issuer.url(), "https://api.example.com").with_jwks(issuer.jwks());
        let token = issuer.token().scope("read:reports write:reports").claim("org_id", "acme").sign();
        let key = PKey::public_key_from_pem(issuer.current_key().public_pem().as_bytes()).expect("a public key");
        let (signed, signature) = token.rsplit_once('.').expect("a signed token");
        Self {
            verifier: Verifier::builder(trusted).build().expect("a sound configuration"),
            bare: ParsedPublicKey::new(bare, key.public_key_to_der().expect("DER")).expect("a key that AWS-LC takes"),
            signature: URL_SAFE_NO_PAD.decode(signature).expect("base64url"),
            signed: signed.len(),
            token,
        }
    }
}
