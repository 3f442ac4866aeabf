//! The signature alone: the physical limit.

use std::fmt;
use std::hint::black_box;

use aws_lc_rs::signature::ECDSA_P256_SHA256_FIXED;
use aws_lc_rs::signature::ED25519;
use aws_lc_rs::signature::ParsedPublicKey;
use aws_lc_rs::signature::RSA_PKCS1_2048_8192_SHA256;
use aws_lc_rs::signature::RSA_PSS_2048_8192_SHA256;
use aws_lc_rs::signature::VerificationAlgorithm;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use claviger_testing::SigningKey;
use openssl::pkey::PKey;

use crate::KeyKind;
use crate::Signed;
use crate::Work;
use crate::ring::Ring;

/// The signatures of tokens verified by AWS-LC, with the key parsed and the signatures decoded before.
pub struct Bare {
    key: ParsedPublicKey,
    messages: Vec<(Vec<u8>, Vec<u8>)>,
    ring: Ring,
}

impl Bare {
    /// The signatures of these tokens.
    ///
    /// # Panics
    ///
    /// If AWS-LC does not take the key.
    #[must_use]
    pub fn new(signed: &Signed) -> Self {
        Self::of(signed.kind(), signed.key(), signed.tokens())
    }

    /// The signatures of these texts, by one key.
    pub(crate) fn of(kind: KeyKind, key: &SigningKey, texts: &[String]) -> Self {
        let pem = PKey::public_key_from_pem(key.public_pem().as_bytes()).expect("a public key");
        let der = pem.public_key_to_der().expect("DER");
        let message = |text: &String| {
            let (message, signature) = text.rsplit_once('.').expect("a signed text");
            (message.as_bytes().to_vec(), URL_SAFE_NO_PAD.decode(signature).expect("base64url"))
        };
        Self {
            key: ParsedPublicKey::new(algorithm(kind), der).expect("a key that AWS-LC takes"),
            ring: Ring::of(texts.len()),
            messages: texts.iter().map(message).collect(),
        }
    }

    /// These signatures, and as many others beside them.
    pub(crate) fn and(self, other: Self) -> Both {
        Both(self, other)
    }
}

impl Work for Bare {
    fn run(&mut self) {
        for (message, signature) in self.messages.get(self.ring.next()).unwrap_or_default() {
            self.key.verify_sig(black_box(message), signature).expect("a good signature");
        }
    }

    fn tokens(&self) -> usize {
        self.ring.step()
    }
}

/// Two signatures for each token.
pub(crate) struct Both(Bare, Bare);

impl Work for Both {
    fn run(&mut self) {
        self.0.run();
        self.1.run();
    }

    fn tokens(&self) -> usize {
        self.0.tokens()
    }
}

impl fmt::Debug for Bare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bare").finish_non_exhaustive()
    }
}

fn algorithm(kind: KeyKind) -> &'static dyn VerificationAlgorithm {
    match kind {
        KeyKind::Rs256 => &RSA_PKCS1_2048_8192_SHA256,
        KeyKind::Ps256 => &RSA_PSS_2048_8192_SHA256,
        KeyKind::Es256 => &ECDSA_P256_SHA256_FIXED,
        KeyKind::Ed25519 => &ED25519,
    }
}
