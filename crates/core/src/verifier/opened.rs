//! A token that was read and not believed: what it says decides where its issuer is looked for.

use std::sync::Arc;

use crate::claims::ClaimSet;
use crate::error::Failure;
use crate::error::VerifyError;
use crate::token::UnverifiedToken;
use crate::verifier::case::Case;
use crate::verifier::facts;
use crate::verifier::issuers::Issuers;
use crate::verifier::trusted::Trusted;

/// A token of sound shape and a known algorithm, which names an issuer.
pub(super) struct Opened<'a> {
    token: UnverifiedToken<'a>,
    claims: ClaimSet,
}

impl<'a> Opened<'a> {
    /// Stages 1 and 2, as far as no issuer is needed; `issuers` are asked for what the log can say of a refusal.
    pub(super) fn read(raw: &'a str, max_bytes: usize, issuers: &Issuers) -> Result<Self, VerifyError> {
        let token = UnverifiedToken::parse(raw, max_bytes)?;
        let claims = ClaimSet::read(token.payload())?;
        let opened = Self { token, claims };
        let known = opened.token.header().algorithm();
        let named = known.and_then(|_| opened.claims.issuer(opened.token.payload()).required("iss"));
        match named.map(|_| ()) {
            Ok(()) => Ok(opened),
            Err(Failure::UnsupportedAlgorithm { .. }) => {
                let accepted = issuers.algorithms_of(opened.issuer());
                Err(opened.refused(Failure::UnsupportedAlgorithm { accepted }))
            }
            Err(failure) => Err(opened.refused(failure)),
        }
    }

    /// `iss`.
    pub(super) fn issuer(&self) -> &str {
        self.claims.issuer(self.token.payload()).valid().unwrap_or_default()
    }

    /// The rest of stage 2, and stage 3: who has to have signed it, if anybody may; otherwise it is refused with what
    /// `refuse` makes of its issuer.
    pub(super) fn signed_by(
        mut self,
        trusted: Option<Arc<Trusted>>,
        refuse: impl FnOnce(&str) -> Failure,
    ) -> Result<Case<'a>, VerifyError> {
        let Some(trusted) = trusted else {
            return Err(self.refused(refuse(self.issuer())));
        };
        self.claims.confirmation.ignore(&trusted.rules.ignored_confirmation, self.token.payload());
        match trusted.rules.admit(self.token.header()) {
            Ok(algorithm) => Ok(Case { token: self.token, claims: self.claims, trusted, algorithm }),
            Err(failure) => Err(self.refused(trusted.with_hint(failure, &self.token, &self.claims))),
        }
    }

    pub(super) fn refused(&self, failure: Failure) -> VerifyError {
        VerifyError::with_facts(failure, facts::of(self.token.header(), &self.claims, self.token.payload()))
    }

    pub(super) fn into_owned(self) -> Opened<'static> {
        Opened { token: self.token.into_owned(), claims: self.claims }
    }
}
