//! Asking the application which issuers are allowed for a request.

use std::collections::HashSet;
use std::error::Error;
use std::fmt;
use std::future::poll_fn;
use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use crate::error::Excerpt;
use crate::error::Failure;
use crate::error::NameSample;
use crate::issuer::AllowedIssuers;
use crate::issuer::IssuerQuery;
use crate::issuer::IssuerResolver;
use crate::verifier::bounded::Bounded;
use crate::verifier::bounded::bounded;
use crate::verifier::issuers::Issuers;
use crate::verifier::issuers::but_for_a_slash;
use crate::verifier::surroundings::Surroundings;
use crate::verifier::trusted::Trusted;

/// The resolver that a verifier has, and its answers that are kept.
pub(super) struct Resolving {
    resolver: Arc<dyn IssuerResolver>,
    answers: Bounded<String, Answer>,
}

#[derive(Clone)]
struct Answer {
    allowed: Arc<Allowed>,
    /// By the monotonic clock.
    until: Duration,
}

/// The issuers that are allowed for a request, sound.
#[derive(Debug)]
pub(super) struct Allowed {
    configured: Vec<String>,
    found: Vec<Arc<Trusted>>,
}

impl Resolving {
    pub(super) fn by(resolver: Arc<dyn IssuerResolver>) -> Self {
        Self { resolver, answers: bounded(KEPT_ANSWERS, "resolver_answer") }
    }

    /// What was answered before.
    pub(super) fn kept(&self, query: &IssuerQuery, surroundings: &Surroundings) -> Option<Arc<Allowed>> {
        let answer = self.answers.get(&self.cache_key(query)?)?;
        (surroundings.clock.monotonic() < answer.until).then_some(answer.allowed)
    }

    /// # Errors
    ///
    /// [`Failure::ResolverFailed`].
    pub(super) async fn ask(&self, query: &IssuerQuery, surroundings: &Surroundings) -> Result<Arc<Allowed>, Failure> {
        let failed = |error: &dyn fmt::Display| Failure::ResolverFailed {
            cause: Excerpt::of(&error.to_string()).as_str().to_owned(),
        };
        let until = surroundings.clock.monotonic().saturating_add(KEPT_FOR);
        let AllowedIssuers { configured, found } = self.answer(query).await.map_err(|error| failed(&error))?;
        let found: Result<_, _> = found.into_iter().map(|issuer| surroundings.find(issuer)).collect();
        let allowed = Arc::new(Allowed { configured, found: found.map_err(|error| failed(&error))? });
        if allowed.is_ambiguous() {
            return Err(failed(&"it names an issuer twice, and only one can decide"));
        }
        if let Some(key) = self.cache_key(query) {
            self.answers.insert(key, Answer { allowed: Arc::clone(&allowed), until });
        }
        Ok(allowed)
    }

    /// A panic is a failure like any other.
    async fn answer(&self, query: &IssuerQuery) -> Result<AllowedIssuers, Box<dyn Error + Send + Sync>> {
        let panicked = |_| Err("it panicked".into());
        let mut asked = match catch_unwind(AssertUnwindSafe(|| self.resolver.resolve(query))) {
            Ok(asked) => asked,
            Err(panic) => return panicked(panic),
        };
        poll_fn(|context| {
            catch_unwind(AssertUnwindSafe(|| asked.as_mut().poll(context)))
                .unwrap_or_else(|panic| Poll::Ready(panicked(panic)))
        })
        .await
    }

    /// One that panics names none; it is asked then, and has its chance to fail properly.
    fn cache_key(&self, query: &IssuerQuery) -> Option<String> {
        catch_unwind(AssertUnwindSafe(|| self.resolver.cache_key(query))).ok().flatten()
    }
}

impl Allowed {
    /// Whether two of them have one name, so that their order would say whose rules hold.
    fn is_ambiguous(&self) -> bool {
        let mut names: HashSet<_> = self.configured.iter().map(String::as_str).collect();
        self.found.iter().any(|trusted| !trusted.names().all(|name| names.insert(name)))
    }

    /// The refusal of a token of this issuer, which is none of them.
    pub(super) fn refuse(&self, issuer: &str) -> Failure {
        let found = || self.found.iter().flat_map(|trusted| trusted.names());
        let names = || self.configured.iter().map(String::as_str).chain(found());
        let near = but_for_a_slash(issuer, |near| names().any(|name| name == near));
        Failure::UnknownIssuer { accepted: NameSample::of(names()), near }
    }

    pub(super) fn find(&self, issuer: &str, issuers: &Issuers, surroundings: &Surroundings) -> Option<Arc<Trusted>> {
        let found = self.found.iter().find(|trusted| trusted.names().any(|name| name == issuer));
        let configured = || self.configured.iter().find(|name| *name == issuer);
        found.cloned().or_else(|| issuers.find(configured()?, surroundings))
    }
}

impl fmt::Debug for Resolving {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Resolving(..)")
    }
}

const KEPT_ANSWERS: usize = 1000;
const KEPT_FOR: Duration = Duration::from_secs(60);
