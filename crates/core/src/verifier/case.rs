//! A token whose issuer is allowed, on its way through keys, signature and claims.

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

use crate::claims;
use crate::claims::ClaimSet;
use crate::error::Failure;
use crate::error::VerifyError;
use crate::keys::Answer;
use crate::keys::Arrival;
use crate::keys::Ask;
use crate::keys::Cause;
use crate::keys::KeyErrorKind;
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
    fn is_signed_by(&self, keys: &Keys) -> Result<(), Lack> {
        let key_id = self.token.header().key_id();
        let key = keys.set.find(key_id, self.algorithm, |stated| self.trusted.is_issuer_of_a_key(stated));
        let key = key.ok_or(Lack::Key)?;
        let is_good = key.verifies(self.token.signing_input(), self.token.signature());
        match key_id {
            _ if is_good => Ok(()),
            Some(_) => Err(Lack::Signature),
            None => Err(Lack::SignatureOfUnnamedKey),
        }
    }

    /// Stages 5 and 6: the claims, and the presenter.
    pub(super) fn judge(&self, presenters: &PresenterRules, presentation: &Presentation<'_>) -> Result<Shown, Failure> {
        if self.trusted.standing.is_removed() {
            return Err(Failure::unknown_issuer());
        }
        self.trusted.prove();
        let now = self.now()?;
        self.check_claims(now)?;
        let (payload, confirmation) = (self.token.payload(), &self.claims.confirmation);
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

    fn check_claims(&self, now: f64) -> Result<(), Failure> {
        let (payload, typ) = (self.token.payload(), self.token.header().typ());
        claims::check(&self.claims, payload, typ, &self.trusted.rules, now)?;
        self.trusted.check_tenant(payload)
    }

    fn now(&self) -> Result<f64, Failure> {
        Ok(self.trusted.clock.unix().ok_or(Failure::ClockUnknown)?.as_secs_f64())
    }

    /// Goes on from an answer for keys until keys decide the token, or something has to be awaited. `lack` is what the
    /// keys seen last were not enough for.
    pub(super) fn settle(&self, mut answer: Answer, arrival: Arrival, lack: &mut Lack) -> Settled {
        loop {
            let keys = match answer {
                Answer::Ready(Ok(keys)) => keys,
                Answer::Ready(Err(no_keys)) => {
                    return Settled::Refused(self.refused(self.without_keys(no_keys, *lack)));
                }
                Answer::Wait(wait) => return Settled::Wait(wait),
            };
            match self.is_signed_by(&keys) {
                Ok(()) => return Settled::Signed { generation: keys.generation },
                Err(found) => *lack = found,
            }
            // What a token says of itself is not to be trusted, except against it: nobody is asked for the key of one that
            // no key could save, so those cost the issuer nothing.
            if lack.cause() == Cause::UnknownKey
                && self.trusted.keys.is_fetched()
                && let Err(failure) = self.now().and_then(|now| self.check_claims(now))
            {
                return Settled::Refused(self.refused(failure));
            }
            // Ends, because each answer is a later landing, and none that began after the arrival is asked to be newer.
            answer = self.trusted.keys.keys(Ask::Newer { seen: keys.landing, arrival, cause: lack.cause() });
        }
    }

    /// Why the token is refused, if there are no keys, or those that there are lack something.
    fn without_keys(&self, no_keys: NoKeys, lack: Lack) -> Failure {
        match no_keys {
            NoKeys::NothingNewer => lack.failure(),
            NoKeys::Undecided { copy_age, retry_after } => match self.now() {
                Ok(now) if self.is_older_than(copy_age, now) => lack.failure(),
                Ok(now) => Failure::RefetchExhausted { retry_after, until: now + retry_after.as_secs_f64() },
                Err(failure) => failure,
            },
            NoKeys::Unavailable { retry_after, kind, cause } => unavailable(retry_after, kind, cause),
        }
    }

    /// Whether the token was issued before what its issuer published that long ago, which its key would be among.
    ///
    /// A token without `iat` may be younger. That is whole seconds, so those of the moment count alone.
    fn is_older_than(&self, copy_age: Duration, now: f64) -> bool {
        let published = (now - copy_age.as_secs_f64()).floor();
        let issued = self.claims.issued_at().valid();
        issued.is_some_and(|iat| iat + self.trusted.rules.leeway < published)
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
    pub(super) async fn wait(self, first: Wait, arrival: Arrival, mut lack: Lack) -> Result<(Self, u64), VerifyError> {
        let mut wait = first;
        loop {
            let answer = Answer::Ready(wait.await);
            match self.settle(answer, arrival, &mut lack) {
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

/// What keys were not enough for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Lack {
    /// The key that the token names, or the only one that fits it.
    Key,
    /// The named key has not signed it.
    Signature,
    /// The token names no key, so another one may have taken the place of the one that fits.
    SignatureOfUnnamedKey,
}

impl Lack {
    /// What keys are fetched again for.
    fn cause(self) -> Cause {
        match self {
            Self::Key | Self::SignatureOfUnnamedKey => Cause::UnknownKey,
            Self::Signature => Cause::BadSignature,
        }
    }

    fn failure(self) -> Failure {
        match self {
            Self::Key => Failure::unknown_key(),
            Self::Signature | Self::SignatureOfUnnamedKey => Failure::BadSignature,
        }
    }
}

/// A fault of ours or of the issuer, and never of a token.
pub(super) fn unavailable(retry_after: Duration, kind: Option<KeyErrorKind>, cause: String) -> Failure {
    if kind == Some(KeyErrorKind::IssuerMismatch) {
        Failure::IssuerMismatch { retry_after, cause }
    } else {
        Failure::KeysUnavailable { retry_after, cause }
    }
}
