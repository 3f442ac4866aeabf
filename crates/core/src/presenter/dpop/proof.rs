//! The checks of a proof, cheapest first (RFC 9449, section 4.3).

use std::time::Duration;

use crate::error::Failure;
use crate::presenter::Thumbprint;
use crate::presenter::dpop::ProofUse;
use crate::presenter::dpop::TargetUri;
use crate::presenter::dpop::header::ProofHeader;
use crate::presenter::dpop::key;
use crate::presenter::dpop::payload::ProofPayload;
use crate::signature::VerifyingKey;
use crate::signature::digest::is_written_as;
use crate::signature::digest::sha256;
use crate::token::Algorithm;
use crate::token::Compact;

/// What a proof is judged by.
#[derive(Debug)]
pub(crate) struct ProofRules {
    pub(crate) algorithms: Vec<Algorithm>,
    /// In seconds.
    pub(crate) max_age: f64,
    /// In seconds.
    pub(crate) leeway: f64,
}

/// What a proof is compared with.
#[derive(Debug)]
pub(crate) struct Claimed<'a> {
    pub(crate) method: &'a str,
    pub(crate) target: Option<&'a TargetUri<'a>>,
    /// The access token that it comes with.
    pub(crate) token: &'a str,
    /// In seconds since 1970.
    pub(crate) now: f64,
}

/// A proof that fits this request and may be anybody's: its signature is the dearest check, so it is verified behind the
/// comparison of its key with the one that the token is bound to.
#[derive(Debug)]
pub(crate) struct UnverifiedProof<'a> {
    signed: &'a str,
    signature: Vec<u8>,
    verifying: VerifyingKey,
    proof: Proof,
}

/// A proof that is good for this request, but for its key, its nonce and its one use, which are judged by others.
#[derive(Debug)]
pub(crate) struct Proof {
    pub(crate) key: Thumbprint,
    pub(crate) nonce: Option<Box<str>>,
    pub(crate) used: ProofUse,
}

impl ProofRules {
    /// Checks all but the signature.
    ///
    /// # Errors
    ///
    /// The first check that failed.
    pub(crate) fn judge<'a>(&self, proof: &'a [u8], claimed: &Claimed<'_>) -> Result<UnverifiedProof<'a>, Failure> {
        if proof.len() > MAX_BYTES {
            return Err(Failure::ProofMalformed("it is longer than 8 KiB"));
        }
        let text = std::str::from_utf8(proof).map_err(|_| Failure::ProofMalformed("it is no text"))?;
        let parts = Compact::decode(text).map_err(Failure::ProofMalformed)?;
        let header = ProofHeader::read(&parts.header, &self.algorithms).map_err(Failure::ProofMalformed)?;
        let key = key::read(header.jwk(&parts.header), header.algorithm).map_err(Failure::ProofMalformed)?;
        let payload = ProofPayload::read(&parts.payload).map_err(Failure::ProofMalformed)?;
        check_request(&payload, claimed)?;
        let lifetime = self.check_age(payload.issued_at, claimed.now)?;
        if !is_written_as(&sha256(&[claimed.token.as_bytes()]), &payload.token_hash) {
            return Err(Failure::ProofMismatch("its `ath` is of another token"));
        }
        let thumbprint = Thumbprint::of(key.material.thumbprint());
        let used = ProofUse::new(thumbprint.octets(), &payload.id, lifetime);
        let proof = Proof { key: thumbprint, nonce: payload.nonce.map(Into::into), used };
        Ok(UnverifiedProof { signed: parts.signed, signature: parts.signature, verifying: key.verifying, proof })
    }

    /// How long its use must be remembered. Both edges of the time that is accepted belong to it, and neither a clock that
    /// is set back by no more than the leeway, or half a minute, brings it to life again, nor the slower clock of another
    /// instance.
    fn check_age(&self, iat: f64, now: f64) -> Result<Duration, Failure> {
        let &Self { max_age, leeway, .. } = self;
        if !(now - max_age <= iat && iat <= now + leeway) {
            return Err(Failure::ProofExpired { iat, now, max_age, leeway });
        }
        let apart = leeway.max(CLOCKS_APART);
        Ok(Duration::try_from_secs_f64(iat + max_age - now + apart).unwrap_or(Duration::MAX))
    }
}

impl UnverifiedProof<'_> {
    /// The thumbprint of the key that it names.
    pub(crate) fn key(&self) -> &Thumbprint {
        &self.proof.key
    }

    /// # Errors
    ///
    /// [`Failure::ProofMismatch`] if its own key has not signed it.
    pub(crate) fn verified(self) -> Result<Proof, Failure> {
        if self.verifying.verifies(self.signed.as_bytes(), &self.signature) {
            Ok(self.proof)
        } else {
            Err(Failure::ProofMismatch("its signature is not by its own key"))
        }
    }
}

/// Methods have case (RFC 9110, section 9.1).
fn check_request(payload: &ProofPayload<'_>, claimed: &Claimed<'_>) -> Result<(), Failure> {
    if payload.method != claimed.method {
        return Err(Failure::ProofMismatch("its `htm` is not the method of the request"));
    }
    let target = claimed.target.ok_or(Failure::ProofMismatch("the request is for a host that is not known as ours"))?;
    if target.is_named_by(&payload.uri) {
        return Ok(());
    }
    Err(Failure::ProofForAnotherUri { base: target.base().to_owned() })
}

const MAX_BYTES: usize = 8 * 1024;
/// In seconds: so much the clocks of instances may differ, also where no leeway is granted to clients.
const CLOCKS_APART: f64 = 30.0;
