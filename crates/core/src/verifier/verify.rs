//! The stages in order; the sole maker of the proof.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use crate::claims;
use crate::claims::ClaimSet;
use crate::claims::ScopeHierarchy;
use crate::clock::Clock;
use crate::error::Excerpt;
use crate::error::Failure;
use crate::error::TokenFacts;
use crate::error::VerifyError;
use crate::issuer::Issuer;
use crate::issuer::IssuerRules;
use crate::issuer::NamedBy;
use crate::issuer::Registry;
use crate::keys::Answer;
use crate::keys::Arrival;
use crate::keys::Ask;
use crate::keys::Cause;
use crate::keys::Done;
use crate::keys::KeySnapshot;
use crate::keys::KeySource;
use crate::keys::KeyStatus;
use crate::keys::Keys;
use crate::keys::NoKeys;
use crate::keys::Wait;
use crate::token::Algorithm;
use crate::token::UnverifiedToken;
use crate::verifier::VerifiedToken;
use crate::verifier::VerifierBuilder;
use crate::verifier::facts;
use crate::verifier::token_check::Check;

/// Believes or refuses access tokens. Cloning is cheap; clones share their keys.
#[derive(Clone, Debug)]
pub struct Verifier {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    registry: Registry<Arc<Trusted>>,
    max_token_bytes: usize,
    check: Option<Check>,
}

/// An issuer that is believed: all that its tokens are judged by.
#[derive(Debug)]
pub(crate) struct Trusted {
    pub(crate) rules: IssuerRules,
    pub(crate) keys: Arc<dyn KeySource>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) hierarchy: ScopeHierarchy,
    pub(crate) named_by: NamedBy,
}

/// The verdict on a token, or a way to wait for it.
#[expect(clippy::exhaustive_enums, reason = "there is no third way")]
pub enum Verification {
    /// Nothing had to be awaited.
    Decided(Result<VerifiedToken, VerifyError>),
    /// Keys are being fetched, which ends within the time that a request may wait; or the application's own check
    /// ([`TokenCheck`](crate::TokenCheck)) is asked.
    Waiting(Pin<Box<dyn Future<Output = Result<VerifiedToken, VerifyError>> + Send>>),
}

impl Verifier {
    /// Begins with the first issuer whose tokens are believed.
    pub fn builder(issuer: Issuer) -> VerifierBuilder {
        VerifierBuilder::new(vec![issuer])
    }

    /// Begins with any number of issuers; with none, building fails.
    pub fn for_issuers(issuers: impl IntoIterator<Item = Issuer>) -> VerifierBuilder {
        VerifierBuilder::new(issuers.into_iter().collect())
    }

    pub(super) fn assemble(registry: Registry<Arc<Trusted>>, max_token_bytes: usize, check: Option<Check>) -> Self {
        Self { inner: Arc::new(Inner { registry, max_token_bytes, check }) }
    }

    /// Believes or refuses `token`, the bare token without a scheme.
    ///
    /// Keys that are not at hand are fetched on the tokio runtime it is called in, which must have I/O and time enabled.
    ///
    /// # Errors
    ///
    /// The first check that failed.
    pub async fn verify(&self, token: &str) -> Result<VerifiedToken, VerifyError> {
        self.begin(token).verdict().await
    }

    /// As [`verify`](Self::verify), and the token must have these claims, with any value but `null`.
    ///
    /// # Errors
    ///
    /// The first check that failed; the claims come last.
    pub async fn verify_with(&self, token: &str, claims: &[&str]) -> Result<VerifiedToken, VerifyError> {
        let verified = self.verify(token).await?;
        match claims.iter().find_map(|name| claims::require(verified.payload(), name).err()) {
            None => Ok(verified),
            Some(failure) => Err(VerifyError::with_facts(failure, verified.facts())),
        }
    }

    /// Decides at once where nothing has to be awaited: keys at hand and no check of the application, or a token that
    /// is refused before.
    #[must_use]
    pub fn begin(&self, token: &str) -> Verification {
        let case = match self.open(token) {
            Ok(case) => case,
            Err(refused) => return Verification::Decided(Err(refused)),
        };
        let arrival = case.trusted.keys.arrival();
        let mut missing = Cause::UnknownKey;
        match case.settle(case.trusted.keys.keys(Ask::Any(arrival)), arrival, &mut missing) {
            Settled::Signed => self.ask_application(case.conclude()),
            Settled::Refused(refused) => Verification::Decided(Err(refused)),
            Settled::Wait(wait) => {
                let (verifier, case) = (self.clone(), case.into_owned());
                Verification::Waiting(Box::pin(async move {
                    let verdict = case.wait(wait, arrival, missing).await;
                    verifier.ask_application(verdict).verdict().await
                }))
            }
        }
    }

    /// The application's own check, if there is one. A step behind the others, because what is believed once may be
    /// denied the next time.
    fn ask_application(&self, verdict: Result<VerifiedToken, VerifyError>) -> Verification {
        match (verdict, &self.inner.check) {
            (Ok(token), Some(check)) => Verification::Waiting(Box::pin(check.clone().approve(token))),
            (verdict, _) => Verification::Decided(verdict),
        }
    }

    /// How the keys of each issuer stand, ordered by issuer.
    #[must_use]
    pub fn status(&self) -> Vec<KeyStatus> {
        let mut all: Vec<_> = self.inner.registry.iter().map(|(_, trusted)| trusted.keys.status()).collect();
        all.sort_by(|one, other| one.issuer.cmp(&other.issuer));
        all
    }

    /// Has the keys of every issuer, and fetches those that are not at hand: for services that want keys before they
    /// serve. Without it they are fetched when the first token needs them. Issuers
    /// [found at run time](Issuer::found_at_run_time) are left out: none of them may keep a service from coming up.
    ///
    /// # Errors
    ///
    /// The first issuer, by name, whose keys could not be had, which [`VerifyError::facts`] tells; the others are
    /// fetched all the same.
    pub async fn ready(&self) -> Result<(), VerifyError> {
        self.for_issuers_that(|trusted| trusted.named_by == NamedBy::TheOperator, |keys| keys.ready()).await
    }

    /// Fetches the keys of every issuer now, whatever their age and the budgets; for operators.
    ///
    /// # Errors
    ///
    /// As those of [`ready`](Self::ready).
    pub async fn refresh_now(&self) -> Result<(), VerifyError> {
        self.for_issuers_that(|_| true, |keys| keys.refresh()).await
    }

    /// All begin at once.
    async fn for_issuers_that(
        &self,
        are_meant: impl Fn(&Trusted) -> bool,
        ask: impl Fn(&dyn KeySource) -> Done,
    ) -> Result<(), VerifyError> {
        let begin = |(issuer, trusted): (&str, &Arc<Trusted>)| (Excerpt::of(issuer), ask(&*trusted.keys));
        let meant = self.inner.registry.iter().filter(|(_, trusted)| are_meant(trusted));
        let mut begun: Vec<_> = meant.map(begin).collect();
        begun.sort_by(|(one, _), (other, _)| one.as_str().cmp(other.as_str()));
        let mut first_failure = Ok(());
        for (issuer, done) in begun {
            let done = done.await.map_err(|no_keys| {
                let facts = TokenFacts { issuer: Some(issuer), ..TokenFacts::default() };
                VerifyError::with_facts(refused_without_keys(no_keys, Failure::UnknownKey), facts)
            });
            first_failure = first_failure.and(done);
        }
        first_failure
    }

    /// The fetched keys of each issuer, to be saved for the next start
    /// ([`with_key_snapshots`](crate::VerifierBuilder::with_key_snapshots)). Static keys are not among them, nor those
    /// whose issuer forbids to store them (`Cache-Control: no-store`).
    #[must_use]
    pub fn key_snapshots(&self) -> Vec<KeySnapshot> {
        let mut all: Vec<_> = self.inner.registry.iter().filter_map(|(_, trusted)| trusted.keys.snapshot()).collect();
        all.sort_by(|one, other| one.issuer.cmp(&other.issuer));
        all
    }

    /// Stages 1 to 3: all that needs no key.
    fn open<'a>(&self, raw: &'a str) -> Result<Case<'a>, VerifyError> {
        let inner = &self.inner;
        let token = UnverifiedToken::parse(raw, inner.max_token_bytes)?;
        let claims = ClaimSet::read(token.payload())?;
        let opened = token.header().algorithm().and_then(|_| {
            let issuer = claims.issuer(token.payload()).required("iss")?;
            let trusted = inner.registry.find(issuer).ok_or(Failure::UnknownIssuer)?;
            let algorithm = trusted.rules.admit(token.header())?;
            Ok((Arc::clone(trusted), algorithm))
        });
        match opened {
            Ok((trusted, algorithm)) => Ok(Case { token, claims, trusted, algorithm }),
            Err(failure) => Err(VerifyError::with_facts(failure, facts::of(token.header(), &claims, token.payload()))),
        }
    }
}

impl Verification {
    async fn verdict(self) -> Result<VerifiedToken, VerifyError> {
        match self {
            Self::Decided(verdict) => verdict,
            Self::Waiting(verdict) => verdict.await,
        }
    }
}

impl fmt::Debug for Verification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Decided(verdict) => f.debug_tuple("Decided").field(verdict).finish(),
            Self::Waiting(_) => f.write_str("Waiting"),
        }
    }
}

/// A token of an allowed issuer, waiting for its key.
struct Case<'a> {
    token: UnverifiedToken<'a>,
    claims: ClaimSet,
    trusted: Arc<Trusted>,
    algorithm: Algorithm,
}

impl Case<'_> {
    /// Stages 4 and 5: exactly one key, and its signature.
    fn is_signed_by(&self, keys: &Keys) -> Result<(), Cause> {
        let key = keys.set.find(self.token.header().key_id(), self.algorithm).ok_or(Cause::UnknownKey)?;
        if key.verifies(self.token.signing_input(), self.token.signature()) { Ok(()) } else { Err(Cause::BadSignature) }
    }

    /// Stage 6: the claims.
    fn conclude(self) -> Result<VerifiedToken, VerifyError> {
        let header = self.token.header();
        let judged = self.trusted.clock.unix().ok_or(Failure::ClockUnknown).and_then(|now| {
            claims::check(&self.claims, self.token.payload(), header.typ(), &self.trusted.rules, now.as_secs_f64())
        });
        if let Err(failure) = judged {
            return Err(self.refused(failure));
        }
        let (header, payload) = self.token.into_parts();
        Ok(VerifiedToken::assertion(header, payload, self.claims, self.trusted, self.algorithm))
    }

    /// Goes on from an answer for keys until keys decide the token, or something has to be awaited. `missing` is what
    /// the keys seen last were not enough for.
    fn settle(&self, mut answer: Answer, arrival: Arrival, missing: &mut Cause) -> Settled {
        loop {
            let keys = match answer {
                Answer::Ready(Ok(keys)) => keys,
                Answer::Ready(Err(no_keys)) => return Settled::Refused(self.without_keys(no_keys, *missing)),
                Answer::Wait(wait) => return Settled::Wait(wait),
            };
            match self.is_signed_by(&keys) {
                Ok(()) => return Settled::Signed,
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

    fn refused(&self, failure: Failure) -> VerifyError {
        VerifyError::with_facts(failure, facts::of(self.token.header(), &self.claims, self.token.payload()))
    }

    fn into_owned(self) -> Case<'static> {
        let Self { token, claims, trusted, algorithm } = self;
        Case { token: token.into_owned(), claims, trusted, algorithm }
    }
}

impl Case<'static> {
    async fn wait(self, first: Wait, arrival: Arrival, mut missing: Cause) -> Result<VerifiedToken, VerifyError> {
        let mut wait = first;
        loop {
            let answer = Answer::Ready(wait.await);
            match self.settle(answer, arrival, &mut missing) {
                Settled::Signed => return self.conclude(),
                Settled::Refused(refused) => return Err(refused),
                Settled::Wait(next) => wait = next,
            }
        }
    }
}

enum Settled {
    Signed,
    Refused(VerifyError),
    Wait(Wait),
}

/// What the keys' answer means for a token that the keys at hand refuse with `verdict`.
fn refused_without_keys(no_keys: NoKeys, verdict: Failure) -> Failure {
    match no_keys {
        NoKeys::NothingNewer => verdict,
        NoKeys::Unavailable { retry_after, cause } => Failure::KeysUnavailable { retry_after, cause },
    }
}
