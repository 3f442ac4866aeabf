//! The stages in order; the sole maker of the proof.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::claims;
use crate::error::VerifyError;
use crate::issuer::Issuer;
use crate::issuer::IssuerQuery;
use crate::issuer::RequestParts;
use crate::keys::Ask;
use crate::keys::Cause;
use crate::verifier::VerifiedToken;
use crate::verifier::VerifierBuilder;
use crate::verifier::case::Case;
use crate::verifier::case::Settled;
use crate::verifier::issuers::Issuers;
use crate::verifier::opened::Opened;
use crate::verifier::resolving::Allowed;
use crate::verifier::resolving::Resolving;
use crate::verifier::surroundings::Surroundings;
use crate::verifier::token_check::Check;

/// Believes or refuses access tokens. Cloning is cheap; clones share their keys.
#[derive(Clone, Debug)]
pub struct Verifier {
    pub(super) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(super) struct Inner {
    /// Replaced when an issuer comes or goes, and read without a lock.
    pub(super) issuers: ArcSwap<Issuers>,
    pub(super) surroundings: Surroundings,
    pub(super) max_token_bytes: usize,
    pub(super) resolving: Option<Arc<Resolving>>,
    pub(super) check: Option<Check>,
}

/// The verdict on a token, or a way to wait for it.
#[expect(clippy::exhaustive_enums, reason = "there is no third way")]
pub enum Verification {
    /// Nothing had to be awaited.
    Decided(Result<VerifiedToken, VerifyError>),
    /// Keys are being fetched, which ends within the time that a request may wait; or the application is asked, by its
    /// [`IssuerResolver`](crate::IssuerResolver) or its [`TokenCheck`](crate::TokenCheck).
    Waiting(Pin<Box<dyn Future<Output = Result<VerifiedToken, VerifyError>> + Send>>),
}

impl Verifier {
    /// Begins with the first issuer whose tokens are believed.
    pub fn builder(issuer: Issuer) -> VerifierBuilder {
        VerifierBuilder::new(vec![issuer])
    }

    /// Begins with any number of issuers; with none, building fails unless there is a
    /// [resolver](VerifierBuilder::with_resolver).
    pub fn for_issuers(issuers: impl IntoIterator<Item = Issuer>) -> VerifierBuilder {
        VerifierBuilder::new(issuers.into_iter().collect())
    }

    pub(super) fn assemble(inner: Inner) -> Self {
        Self { inner: Arc::new(inner) }
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

    /// As [`verify`](Self::verify), for a request whose parts an [`IssuerResolver`](crate::IssuerResolver) may see.
    ///
    /// # Errors
    ///
    /// The first check that failed.
    pub async fn verify_for(&self, token: &str, request: &RequestParts<'_>) -> Result<VerifiedToken, VerifyError> {
        self.begin_for(token, request).verdict().await
    }

    /// Decides at once where nothing has to be awaited: keys at hand and neither a resolver nor a check of the
    /// application, or a token that is refused before.
    #[must_use]
    pub fn begin(&self, token: &str) -> Verification {
        self.begin_with(token, None)
    }

    /// As [`begin`](Self::begin), for a request whose parts an [`IssuerResolver`](crate::IssuerResolver) may see. Without
    /// a resolver nobody looks at them.
    #[must_use]
    pub fn begin_for(&self, token: &str, request: &RequestParts<'_>) -> Verification {
        self.begin_with(token, Some(request))
    }

    fn begin_with(&self, token: &str, request: Option<&RequestParts<'_>>) -> Verification {
        let Inner { issuers, surroundings, resolving, .. } = &*self.inner;
        let opened = match Opened::read(token, self.inner.max_token_bytes) {
            Ok(opened) => opened,
            Err(refused) => return Verification::Decided(Err(refused)),
        };
        let Some(resolving) = resolving else {
            let trusted = issuers.load().find(opened.issuer(), surroundings);
            return self.go_on(opened.signed_by(trusted));
        };
        let query = IssuerQuery::new(opened.issuer(), request);
        if let Some(allowed) = resolving.kept(&query, surroundings) {
            return self.go_on_with(opened, &allowed);
        }
        let (verifier, resolving, opened) = (self.clone(), Arc::clone(resolving), opened.into_owned());
        Verification::Waiting(Box::pin(async move {
            match resolving.ask(&query, &verifier.inner.surroundings).await {
                Ok(allowed) => verifier.go_on_with(opened, &allowed).verdict().await,
                Err(failure) => Err(opened.refused(failure)),
            }
        }))
    }

    fn go_on_with(&self, opened: Opened<'_>, allowed: &Allowed) -> Verification {
        let Inner { issuers, surroundings, .. } = &*self.inner;
        let trusted = allowed.find(opened.issuer(), &issuers.load(), surroundings);
        self.go_on(opened.signed_by(trusted))
    }

    fn go_on(&self, opened: Result<Case<'_>, VerifyError>) -> Verification {
        let case = match opened {
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
