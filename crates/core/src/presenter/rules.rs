//! (presentation, token, now) → what the presenter has shown, or the first failure.

use crate::claims::Confirmation;
use crate::error::Failure;
use crate::presenter::ClientCertificate;
use crate::presenter::HeldKey;
use crate::presenter::Possession;
use crate::presenter::Presentation;
use crate::presenter::TokenScheme;
use crate::presenter::dpop::Claimed;
use crate::presenter::dpop::DpopMode;
use crate::presenter::dpop::Nonces;
use crate::presenter::dpop::ProofRules;
use crate::presenter::dpop::ProofUse;
use crate::presenter::dpop::Replay;
use crate::presenter::presentation::Proofs;

/// What presenters are judged by.
#[derive(Debug)]
pub(crate) struct PresenterRules {
    pub(crate) mode: DpopMode,
    pub(crate) proof: ProofRules,
    pub(crate) nonces: Option<Nonces>,
    pub(crate) replay: Replay,
}

/// What a presenter has shown.
#[derive(Debug)]
pub(crate) enum Shown {
    /// Nothing, and nothing is needed.
    Token,
    /// The certificate that the token is bound to.
    Certificate(ClientCertificate),
    /// The key that the token is bound to, and its certificate if it has one; good if this use of the proof is the first.
    Key(Possession, ProofUse),
}

/// A token whose claims are good.
#[derive(Debug)]
pub(crate) struct Believed<'a> {
    pub(crate) raw: &'a str,
    pub(crate) payload: &'a str,
    pub(crate) confirmation: &'a Confirmation,
}

impl PresenterRules {
    /// Judges what needs no token: whether the scheme is accepted, and whether its proof is there at all.
    ///
    /// # Errors
    ///
    /// [`Failure::UnsupportedScheme`] or [`Failure::ProofMissing`].
    pub(crate) fn admit(&self, presentation: &Presentation<'_>) -> Result<(), Failure> {
        let scheme = presentation.scheme();
        if !self.mode.accepts(scheme) {
            return Err(Failure::UnsupportedScheme);
        }
        match presentation.proofs() {
            Proofs::None if scheme == TokenScheme::Dpop => Err(Failure::ProofMissing),
            Proofs::None | Proofs::One(_) | Proofs::Several => Ok(()),
        }
    }

    /// Judges the presenter of a token whose claims are good. `now` is in seconds since 1970.
    ///
    /// # Errors
    ///
    /// The first check that failed.
    pub(crate) fn judge(
        &self,
        presentation: &Presentation<'_>,
        token: &Believed<'_>,
        now: f64,
    ) -> Result<Shown, Failure> {
        if token.confirmation.is_invalid {
            return Err(Failure::wrong_claim("cnf"));
        }
        if token.confirmation.is_unchecked {
            return Err(Failure::BindingUnchecked);
        }
        match (presentation.scheme(), token.confirmation.key(token.payload)) {
            // Stolen goods, to anyone who holds it (RFC 9449, section 7.2).
            (TokenScheme::Bearer, Some(_)) => Err(Failure::BindingMismatch),
            (TokenScheme::Bearer, None) => {
                let certificate = held_certificate(presentation, token)?;
                self.take_from_bearer(presentation, certificate.is_some())?;
                Ok(certificate.map_or(Shown::Token, Shown::Certificate))
            }
            (TokenScheme::Dpop, None) => Err(Failure::Unbound),
            (TokenScheme::Dpop, Some(jkt)) => {
                let certificate = held_certificate(presentation, token)?;
                let (key, used) = self.take_from_key_holder(presentation, token.raw, jkt, now)?;
                Ok(Shown::Key(Possession { key: Some(key), certificate }, used))
            }
        }
    }

    fn take_from_bearer(&self, presentation: &Presentation<'_>, is_bound: bool) -> Result<(), Failure> {
        if self.mode == DpopMode::Bound && !is_bound {
            return Err(Failure::Unbound);
        }
        let is_stray = self.mode == DpopMode::Disabled || matches!(presentation.proofs(), Proofs::None);
        if is_stray { Ok(()) } else { Err(Failure::ProofOfBearer) }
    }

    fn take_from_key_holder(
        &self,
        presentation: &Presentation<'_>,
        token: &str,
        jkt: &str,
        now: f64,
    ) -> Result<(HeldKey, ProofUse), Failure> {
        let proof = match presentation.proofs() {
            Proofs::One(proof) => proof,
            Proofs::None => return Err(Failure::ProofMissing),
            Proofs::Several => return Err(Failure::ProofMalformed("there are several `DPoP` fields")),
        };
        let claimed = Claimed { method: presentation.method(), target: presentation.target(), token, now };
        let proof = self.proof.judge(proof, &claimed)?;
        // Before the signature: whoever has stolen a token could choose the key that is the dearest to verify with.
        if proof.key().as_str() != jkt {
            return Err(Failure::BindingMismatch);
        }
        let proof = proof.verified()?;
        let next_nonce = match &self.nonces {
            Some(nonces) => nonces.judge(proof.nonce.as_deref(), &proof.key, now)?,
            None => None,
        };
        Ok((HeldKey { thumbprint: proof.key, next_nonce }, proof.used))
    }
}

/// The certificate that the token is bound to, if it is bound to one (RFC 8705, section 3).
fn held_certificate(
    presentation: &Presentation<'_>,
    token: &Believed<'_>,
) -> Result<Option<ClientCertificate>, Failure> {
    let bound = token.confirmation.certificate(token.payload);
    bound.map(|thumbprint| presentation.certificate().bound_by(thumbprint)).transpose()
}
