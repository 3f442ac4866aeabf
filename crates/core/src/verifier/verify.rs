//! The stages in order; the sole maker of the proof.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::claims;
use crate::error::Failure;
use crate::error::VerifyError;
use crate::issuer::Issuer;
use crate::issuer::IssuerQuery;
use crate::issuer::RequestParts;
use crate::keys::Ask;
use crate::presenter::Possession;
use crate::presenter::Presentation;
use crate::presenter::PresenterRules;
use crate::presenter::Shown;
use crate::presenter::dpop::ProofUse;
use crate::presenter::dpop::Recorded;
use crate::verifier::VerifiedToken;
use crate::verifier::VerifierBuilder;
use crate::verifier::cache::Name;
use crate::verifier::cache::NameHash;
use crate::verifier::cache::Place;
use crate::verifier::cache::Remembered;
use crate::verifier::cache::TokenCache;
use crate::verifier::case::Case;
use crate::verifier::case::Lack;
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
    pub(super) presenters: PresenterRules,
    pub(super) resolving: Option<Arc<Resolving>>,
    pub(super) cache: TokenCache,
    pub(super) check: Option<Check>,
}

/// What an application demands of the claims of a token that is believed so far.
pub type ClaimsDemand = fn(&VerifiedToken) -> Result<(), VerifyError>;

/// What comes with a token.
struct Asked<'a> {
    presentation: Presentation<'a>,
    demand: Option<ClaimsDemand>,
    /// What the token is found by, if it is kept.
    hash: NameHash,
}

impl Asked<'_> {
    fn into_owned(self) -> Asked<'static> {
        let Self { presentation, demand, hash } = self;
        Asked { presentation: presentation.into_owned(), demand, hash }
    }
}

/// The verdict on a token, or a way to wait for it.
#[expect(clippy::exhaustive_enums, reason = "there is no third way")]
pub enum Verification {
    /// Nothing had to be awaited.
    Decided(Result<VerifiedToken, VerifyError>),
    /// Keys are being fetched, which ends within the time that a request may wait; or the application is asked, by its
    /// [`IssuerResolver`](crate::IssuerResolver) or its [`TokenCheck`](crate::TokenCheck); or a
    /// [`ReplayStore`](crate::ReplayStore) is.
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

    /// Believes or refuses `token`, the bare token without a scheme, from whoever bears it.
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

    /// Believes or refuses `token` from who presents it like this: by DPoP (RFC 9449), say. An
    /// [`IssuerResolver`](crate::IssuerResolver) may see the parts of the request.
    ///
    /// ```
    /// use claviger_core::Presentation;
    /// use claviger_core::TargetUri;
    /// use claviger_core::VerifiedToken;
    /// use claviger_core::Verifier;
    /// use claviger_core::error::VerifyError;
    /// use http::Request;
    ///
    /// /// What stands behind `DPoP ` in the `Authorization` of a request.
    /// async fn holder<B>(verifier: &Verifier, token: &str, request: &Request<B>) -> Result<VerifiedToken, VerifyError> {
    ///     let target = TargetUri::new("https://api.example.com", request.uri().path());
    ///     let presentation = Presentation::dpop(request.method(), Some(target)).with_proofs(request.headers());
    ///     verifier.verify_presented(token, presentation, None).await
    /// }
    /// # let _ = holder::<()>;
    /// ```
    ///
    /// # Errors
    ///
    /// The first check that failed. Where the proof needs a nonce, [`VerifyError::fresh_nonce`] is one.
    pub async fn verify_presented(
        &self,
        token: &str,
        presentation: Presentation<'_>,
        request: Option<&RequestParts<'_>>,
    ) -> Result<VerifiedToken, VerifyError> {
        self.begin_presented(token, presentation, request).verdict().await
    }

    /// Decides at once where nothing has to be awaited: keys at hand and neither a resolver nor a check of the
    /// application, or a token that is refused before.
    #[must_use]
    pub fn begin(&self, token: &str) -> Verification {
        self.begin_presented(token, Presentation::bearer(), None)
    }

    /// As [`begin`](Self::begin), for a request whose parts an [`IssuerResolver`](crate::IssuerResolver) may see. Without
    /// a resolver nobody looks at them.
    #[must_use]
    pub fn begin_for(&self, token: &str, request: &RequestParts<'_>) -> Verification {
        self.begin_presented(token, Presentation::bearer(), Some(request))
    }

    /// As [`verify_presented`](Self::verify_presented), and decides at once where nothing has to be awaited.
    #[must_use]
    pub fn begin_presented(
        &self,
        token: &str,
        presentation: Presentation<'_>,
        request: Option<&RequestParts<'_>>,
    ) -> Verification {
        self.begin_asked(token, presentation, None, request)
    }

    /// As [`begin_presented`](Self::begin_presented), and the claims must meet `demand` too, such as the shape of the
    /// application's claims type ([`VerifiedToken::claims`]). It is asked last of what concerns the claims: before the one
    /// use of a proof is recorded, and before the application's own check.
    #[must_use]
    pub fn begin_demanding(
        &self,
        token: &str,
        presentation: Presentation<'_>,
        request: Option<&RequestParts<'_>>,
        demand: ClaimsDemand,
    ) -> Verification {
        self.begin_asked(token, presentation, Some(demand), request)
    }

    fn begin_asked(
        &self,
        token: &str,
        presentation: Presentation<'_>,
        demand: Option<ClaimsDemand>,
        request: Option<&RequestParts<'_>>,
    ) -> Verification {
        if let Err(failure) = self.inner.presenters.admit(&presentation) {
            return Verification::Decided(Err(failure.into()));
        }
        let asked = Asked { presentation, demand, hash: self.inner.cache.hash(token) };
        let Inner { issuers, surroundings, resolving, .. } = &*self.inner;
        if let Some(verification) = self.recall(token, &asked) {
            return verification;
        }
        let issuers = issuers.load();
        let opened = match Opened::read(token, self.inner.max_token_bytes, &issuers) {
            Ok(opened) => opened,
            Err(refused) => return Verification::Decided(Err(refused)),
        };
        let Some(resolving) = resolving else {
            let trusted = issuers.find(opened.issuer(), surroundings);
            return self.go_on(opened.signed_by(trusted, |issuer| issuers.refuse(issuer)), asked);
        };
        let query = IssuerQuery::new(opened.issuer(), request);
        if let Some(allowed) = resolving.kept(&query, surroundings) {
            return self.go_on_with(opened, &allowed, asked);
        }
        let (verifier, resolving, opened) = (self.clone(), Arc::clone(resolving), opened.into_owned());
        let asked = asked.into_owned();
        Verification::Waiting(Box::pin(async move {
            match resolving.ask(&query, &verifier.inner.surroundings).await {
                Ok(allowed) => verifier.go_on_with(opened, &allowed, asked).verdict().await,
                Err(failure) => Err(opened.refused(failure)),
            }
        }))
    }

    fn go_on_with(&self, opened: Opened<'_>, allowed: &Allowed, asked: Asked<'_>) -> Verification {
        let Inner { issuers, surroundings, .. } = &*self.inner;
        let trusted = allowed.find(opened.issuer(), &issuers.load(), surroundings);
        self.go_on(opened.signed_by(trusted, |issuer| allowed.refuse(issuer)), asked)
    }

    fn go_on(&self, opened: Result<Case<'_>, VerifyError>, asked: Asked<'_>) -> Verification {
        let case = match opened {
            Ok(case) => case,
            Err(refused) => return Verification::Decided(Err(refused)),
        };
        let arrival = case.trusted.keys.arrival();
        let mut lack = Lack::Key;
        match case.settle(case.trusted.keys.keys(Ask::Any(arrival)), arrival, &mut lack) {
            Settled::Signed { generation } => self.conclude(case, generation, &asked),
            Settled::Refused(refused) => Verification::Decided(Err(refused)),
            Settled::Wait(wait) => {
                let (verifier, case, asked) = (self.clone(), case.into_owned(), asked.into_owned());
                Verification::Waiting(Box::pin(async move {
                    let (case, generation) = case.wait(wait, arrival, lack).await?;
                    verifier.conclude(case, generation, &asked).verdict().await
                }))
            }
        }
    }

    /// Stages 5 and 6: the claims and the presenter.
    fn conclude(&self, case: Case<'_>, generation: u64, asked: &Asked<'_>) -> Verification {
        let shown = match case.judge(&self.inner.presenters, &asked.presentation) {
            Ok(shown) => shown,
            Err(failure) => return Verification::Decided(Err(case.refused(failure))),
        };
        let place = self.inner.cache.place_for(Name::new(case.token.raw(), asked.hash), generation);
        self.present(case.believe(), shown, asked, place)
    }

    /// What is judged of each request anew, whether or not its token was seen before. `place` is where a token is kept
    /// that was not.
    fn present(&self, token: VerifiedToken, shown: Shown, asked: &Asked<'_>, place: Option<Place>) -> Verification {
        if let Some(Err(unmet)) = asked.demand.map(|demand| demand(&token)) {
            return Verification::Decided(Err(unmet));
        }
        let (token, used) = match shown {
            Shown::Token => (token, None),
            Shown::Certificate(certificate) => {
                (token.held_with(Possession { key: None, certificate: Some(certificate) }), None)
            }
            Shown::Key(possession, used) => (token.held_with(possession), Some(used)),
        };
        self.ask_application(token, used, place)
    }

    /// A token that was verified before, judged again on all that can have changed: its issuer, the key set, the time, the
    /// presenter. `None` if it has to be verified like a new one.
    fn recall(&self, raw: &str, asked: &Asked<'_>) -> Option<Verification> {
        let name = Name::new(raw, asked.hash);
        let Remembered { token, generation, .. } = self.inner.cache.get(&name)?;
        let trusted = token.trusted();
        // Its issuer may have come by name meanwhile, with rules of its own.
        let is_overruled = || trusted.tenant.is_some() && self.inner.issuers.load().have_by_name(&trusted.issuer);
        if trusted.generation_at_hand() != Some(generation) || trusted.standing.is_removed() || is_overruled() {
            return None;
        }
        Some(match token.judged_again(raw, &self.inner.presenters, &asked.presentation) {
            Ok(shown) => self.present(token, shown, asked, None),
            Err(failure) => {
                if matches!(failure, Failure::Expired { .. } | Failure::TooOld { .. }) {
                    self.inner.cache.forget(&name);
                }
                Verification::Decided(Err(VerifyError::with_facts(failure, token.facts())))
            }
        })
    }

    /// The application's own check, if there is one. It comes before the one use of a proof is recorded, so that a client
    /// whose token is denied, or whose check failed, can send the same proof again.
    fn ask_application(&self, token: VerifiedToken, used: Option<ProofUse>, place: Option<Place>) -> Verification {
        let Some(check) = self.inner.check.clone() else {
            return self.use_once(token, used, place);
        };
        let verifier = self.clone();
        Verification::Waiting(Box::pin(async move {
            let token = check.approve(token).await?;
            verifier.use_once(token, used, place).verdict().await
        }))
    }

    /// Records the one use of a proof, if there is one: the last step, so that nothing is recorded of what is refused
    /// anyway. Only a token that passes it is cached.
    fn use_once(&self, token: VerifiedToken, used: Option<ProofUse>, place: Option<Place>) -> Verification {
        let Some(used) = used else {
            return Verification::Decided(Ok(self.accept(token, place)));
        };
        match self.inner.presenters.replay.record(&used) {
            Recorded::Decided(Ok(())) => Verification::Decided(Ok(self.accept(token, place))),
            Recorded::Decided(Err(failure)) => {
                Verification::Decided(Err(VerifyError::with_facts(failure, token.facts())))
            }
            Recorded::Ask(store) => {
                let verifier = self.clone();
                Verification::Waiting(Box::pin(async move {
                    let failure = match store.record(used).await {
                        // Its issuer may have been removed meanwhile.
                        Ok(()) if token.trusted().standing.is_removed() => Failure::unknown_issuer(),
                        Ok(()) => return Ok(verifier.accept(token, place)),
                        Err(failure) => failure,
                    };
                    Err(VerifyError::with_facts(failure, token.facts()))
                }))
            }
        }
    }

    fn accept(&self, token: VerifiedToken, place: Option<Place>) -> VerifiedToken {
        self.inner.cache.put(place, &token);
        token
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
