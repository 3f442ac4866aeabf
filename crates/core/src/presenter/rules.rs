//! (presentation, token, now) → what the presenter has shown, or the first failure.

use crate::claims::Confirmation;
use crate::error::Failure;
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
    /// The key that the token is bound to; good if this use of its proof is the first.
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
        match (presentation.scheme(), token.confirmation.key(token.payload)) {
            // Stolen goods, to anyone who holds it (RFC 9449, section 7.2).
            (TokenScheme::Bearer, Some(_)) => Err(Failure::BindingMismatch),
            (TokenScheme::Bearer, None) => {
                check_certificate(token.confirmation)?;
                self.take_from_bearer(presentation, token.confirmation)?;
                Ok(Shown::Token)
            }
            (TokenScheme::Dpop, None) => Err(Failure::Unbound),
            (TokenScheme::Dpop, Some(jkt)) => {
                check_certificate(token.confirmation)?;
                self.take_from_key_holder(presentation, token.raw, jkt, now)
            }
        }
    }

    fn take_from_bearer(&self, presentation: &Presentation<'_>, confirmation: &Confirmation) -> Result<(), Failure> {
        if self.mode == DpopMode::Bound && !confirmation.by_certificate {
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
    ) -> Result<Shown, Failure> {
        let proof = match presentation.proofs() {
            Proofs::One(proof) => proof,
            Proofs::None => return Err(Failure::ProofMissing),
            Proofs::Several => return Err(Failure::ProofMalformed("there are several `DPoP` fields")),
        };
        let claimed = Claimed { method: presentation.method(), target: presentation.target(), token, now };
        let proof = self.proof.judge(proof, &claimed)?;
        if proof.key.as_str() != jkt {
            return Err(Failure::BindingMismatch);
        }
        let next_nonce = match &self.nonces {
            Some(nonces) => nonces.judge(proof.nonce.as_deref(), &proof.key, now)?,
            None => None,
        };
        Ok(Shown::Key(Possession { key: proof.key, next_nonce }, proof.used))
    }
}

/// Nobody shows certificates to this version, so a token that is bound to one is never taken (RFC 8705, section 3).
fn check_certificate(confirmation: &Confirmation) -> Result<(), Failure> {
    if confirmation.by_certificate { Err(Failure::CertificateMissing) } else { Ok(()) }
}
