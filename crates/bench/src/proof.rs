//! One DPoP proof.

use aws_lc_rs::signature::ECDSA_P256_SHA256_FIXED;
use aws_lc_rs::signature::ParsedPublicKey;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use claviger_core::TargetUri;
use claviger_core::error::Reason;
use claviger_core::vectors::GoodProof;
use claviger_core::vectors::ProofJudge;
use claviger_testing::DpopClient;
use claviger_testing::TestClock;
use http::Method;
use openssl::pkey::PKey;

/// One ES256 proof, and both ways to verify it.
#[derive(Debug)]
pub struct ProofSubject {
    judge: ProofJudge,
    proof: String,
    target: TargetUri<'static>,
    bare: ParsedPublicKey,
    signature: Vec<u8>,
    signed: usize,
}

impl ProofSubject {
    /// A usual proof, as clients send it.
    ///
    /// # Panics
    ///
    /// If something is wrong with the kit.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a benchmark cannot go on without what it measures")]
    pub fn es256() -> Self {
        let client = DpopClient::new().with_clock(TestClock::at_second(NOW));
        let proof = client.proof(&Method::GET, "https://api.example.com/reports/7", TOKEN).sign();
        let key = PKey::public_key_from_pem(client.key().public_pem().as_bytes()).expect("a public key");
        let der = key.public_key_to_der().expect("DER");
        let (signed, signature) = proof.rsplit_once('.').expect("a signed proof");
        Self {
            judge: ProofJudge::new(),
            target: TargetUri::new("https://api.example.com", "/reports/7"),
            bare: ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, der).expect("a key that AWS-LC takes"),
            signature: URL_SAFE_NO_PAD.decode(signature).expect("base64url"),
            signed: signed.len(),
            proof,
        }
    }

    /// All checks of a proof: read, its key parsed, compared with the request, its signature verified.
    ///
    /// # Errors
    ///
    /// The check that failed; none should.
    pub fn judge(&self) -> Result<GoodProof, Reason> {
        self.judge.judge(&self.proof, "GET", &self.target, TOKEN, NOW as f64)
    }

    /// The signature alone, by a key that was parsed before: the physical limit.
    #[must_use]
    pub fn verify_bare(&self) -> bool {
        let signed = self.proof.as_bytes().get(..self.signed).unwrap_or_default();
        self.bare.verify_sig(signed, &self.signature).is_ok()
    }

    /// Bytes of the proof.
    #[must_use]
    pub fn proof_bytes(&self) -> usize {
        self.proof.len()
    }
}

const NOW: u64 = 1_750_000_000;
const TOKEN: &str = "an access token, which is nothing but text to a proof";
