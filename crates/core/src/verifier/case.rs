//! A token whose issuer is allowed, on its way through keys, signature and claims.

use std::sync::Arc;

use secrecy::SecretString;

use crate::claims;
use crate::claims::ClaimSet;
use crate::error::Failure;
use crate::error::VerifyError;
use crate::keys::Answer;
use crate::keys::Arrival;
use crate::keys::Ask;
use crate::keys::Cause;
use crate::keys::Keys;
use crate::keys::NoKeys;
use crate::keys::Wait;
use crate::presenter::Believed;
use crate::presenter::Presentation;
use crate::presenter::PresenterRules;
use crate::presenter::Shown;
use crate::token::Algorithm;
use crate::token::UnverifiedToken;
use crate::verifier::VerifiedToken;
use crate::verifier::facts;
use crate::verifier::trusted::Presented;
use crate::verifier::trusted::Trusted;

/// A token of an allowed issuer, waiting for its key.
pub(super) struct Case<'a> {
    pub(super) token: UnverifiedToken<'a>,
    pub(super) claims: ClaimSet,
    pub(super) trusted: Arc<Trusted>,
    pub(super) algorithm: Algorithm,
}

impl Case<'_> {
    /// Stages 3 and 4: exactly one key, and its signature.
    fn is_signed_by(&self, keys: &Keys) -> Result<(), Cause> {
        let key_id = self.token.header().key_id();
        let key = keys.set.find(key_id, self.algorithm, |stated| self.trusted.is_issuer_of_a_key(stated));
        let key = key.ok_or(Cause::UnknownKey)?;
        if key.verifies(self.token.signing_input(), self.token.signature()) { Ok(()) } else { Err(Cause::BadSignature) }
    }

    /// Stages 5 and 6: the claims, and the presenter.
    pub(super) fn judge(&self, presenters: &PresenterRules, presentation: &Presentation<'_>) -> Result<Shown, Failure> {
        if self.trusted.standing.is_removed() {
            return Err(Failure::UnknownIssuer);
        }
        self.trusted.prove();
        let now = self.trusted.clock.unix().ok_or(Failure::ClockUnknown)?.as_secs_f64();
        let (payload, typ) = (self.token.payload(), self.token.header().typ());
        claims::check(&self.claims, payload, typ, &self.trusted.rules, now)?;
        self.trusted.check_tenant(payload)?;
        let confirmation = &self.claims.confirmation;
        presenters.judge(presentation, &Believed { raw: self.token.raw(), payload, confirmation }, now)
    }

    /// To be called when all checks have passed.
    pub(super) fn believe(self) -> VerifiedToken {
        let kept = (self.trusted.presented == Presented::Kept).then(|| SecretString::from(self.token.raw()));
        let (header, payload) = self.token.into_parts();
        let verified = VerifiedToken::assertion(header, payload, self.claims, self.trusted, self.algorithm);
        match kept {
            Some(text) => verified.keeping(text),
            None => verified,
        }
    }

    /// Goes on from an answer for keys until keys decide the token, or something has to be awaited. `missing` is what
    /// the keys seen last were not enough for.
    pub(super) fn settle(&self, mut answer: Answer, arrival: Arrival, missing: &mut Cause) -> Settled {
        loop {
            let keys = match answer {
                Answer::Ready(Ok(keys)) => keys,
                Answer::Ready(Err(no_keys)) => return Settled::Refused(self.without_keys(no_keys, *missing)),
                Answer::Wait(wait) => return Settled::Wait(wait),
            };
            match self.is_signed_by(&keys) {
                Ok(()) => return Settled::Signed { generation: keys.generation },
                Err(cause) => *missing = cause,
            }
            // Ends, because each answer is a later landing, and none that began after the arrival is asked to be newer.
            answer = self.trusted.keys.keys(Ask::Newer { seen: keys.landing, arrival, cause: *missing });
        }
    }

    fn without_keys(&self, no_keys: NoKeys, missing: Cause) -> VerifyError {
        let verdict = match missing {
            Cause::UnknownKey => Failure::UnknownKey,
            Cause::BadSignature => Failure::BadSignature,
        };
        self.refused(refused_without_keys(no_keys, verdict))
    }

    pub(super) fn refused(&self, failure: Failure) -> VerifyError {
        let failure = self.trusted.with_hint(failure, &self.token, &self.claims);
        VerifyError::with_facts(failure, facts::of(self.token.header(), &self.claims, self.token.payload()))
    }

    pub(super) fn into_owned(self) -> Case<'static> {
        let Self { token, claims, trusted, algorithm } = self;
        Case { token: token.into_owned(), claims, trusted, algorithm }
    }
}

impl Case<'static> {
    /// Until its key is at hand and has signed it; with the generation of the key set.
    pub(super) async fn wait(
        self,
        first: Wait,
        arrival: Arrival,
        mut missing: Cause,
    ) -> Result<(Self, u64), VerifyError> {
        let mut wait = first;
        loop {
            let answer = Answer::Ready(wait.await);
            match self.settle(answer, arrival, &mut missing) {
                Settled::Signed { generation } => return Ok((self, generation)),
                Settled::Refused(refused) => return Err(refused),
                Settled::Wait(next) => wait = next,
            }
        }
    }
}

pub(super) enum Settled {
    /// By a key of the set of this generation.
    Signed {
        generation: u64,
    },
    Refused(VerifyError),
    Wait(Wait),
}

/// What the keys' answer means for a token that the keys at hand refuse with `verdict`.
pub(super) fn refused_without_keys(no_keys: NoKeys, verdict: Failure) -> Failure {
    match no_keys {
        NoKeys::NothingNewer => verdict,
        NoKeys::Unavailable { retry_after, cause } => Failure::KeysUnavailable { retry_after, cause },
    }
}
