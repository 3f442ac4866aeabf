//! What operators ask of a verifier: issuers that come and go, and how their keys stand.

use std::sync::Arc;

use crate::error::ConfigError;
use crate::error::Excerpt;
use crate::error::Failure;
use crate::error::Problems;
use crate::error::TokenFacts;
use crate::error::VerifyError;
use crate::issuer::Issuer;
use crate::issuer::NamedBy;
use crate::keys::Done;
use crate::keys::KeySnapshot;
use crate::keys::KeySource;
use crate::keys::KeyStatus;
use crate::keys::NoKeys;
use crate::verifier::CacheStatus;
use crate::verifier::Verifier;
use crate::verifier::case::unavailable;
use crate::verifier::issuers::Issuers;
use crate::verifier::trusted::Trusted;

impl Verifier {
    /// How the verified tokens that are kept do their work.
    #[must_use]
    pub fn cache_status(&self) -> CacheStatus {
        self.inner.cache.status()
    }

    /// Believes the tokens of another issuer from now on, in all clones. Where not the operator has named it, it is
    /// [found at run time](Issuer::found_at_run_time).
    ///
    /// Reads the files that it names. Its keys are fetched when a token needs them; keys that were saved
    /// ([`with_key_snapshots`](crate::VerifierBuilder::with_key_snapshots)) serve it too.
    ///
    /// ```
    /// use claviger_core::Issuer;
    /// use claviger_core::Verifier;
    ///
    /// let issuer = |name: &str| Issuer::new(name, "https://api.example.com");
    /// let verifier = Verifier::builder(issuer("https://login.example.com")).build()?;
    /// verifier.add_issuer(issuer("https://login.customer.example").found_at_run_time())?;
    /// assert_eq!(verifier.status().len(), 2);
    ///
    /// assert!(verifier.remove_issuer("https://login.customer.example"));
    /// assert_eq!(verifier.status().len(), 1);
    /// # Ok::<(), claviger_core::error::ConfigError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Every problem at once, each with its path, which begins with `issuer`: one of them is that it is there already.
    #[expect(clippy::needless_pass_by_value, reason = "handed over, as to the builder")]
    pub fn add_issuer(&self, issuer: Issuer) -> Result<(), ConfigError> {
        let mut problems = Problems::default();
        let admitted = self.inner.surroundings.admit(&issuer, "issuer", &mut problems);
        let is_added = match problems.into_result(admitted)? {
            Some(admitted) => self.replace_issuers(|issuers| issuers.add(&admitted)),
            None => false,
        };
        if is_added { Ok(()) } else { Err(ConfigError::of("issuer.issuer", "is there already")) }
    }

    /// Refuses the tokens of this issuer from now on, in all clones: those too that wait for its keys. A template is named
    /// as it was configured, and goes with all of its tenants; a tenant that was added by name goes back to its template,
    /// if that still stands. `false` if there is none of this name.
    #[expect(clippy::must_use_candidate, reason = "done all the same where nobody asks whether there was one")]
    pub fn remove_issuer(&self, issuer: &str) -> bool {
        let is_removed = self.replace_issuers(|issuers| issuers.remove(issuer));
        self.inner.surroundings.found.forget_removed();
        is_removed
    }

    /// How the keys of each issuer stand, ordered by issuer.
    #[must_use]
    pub fn status(&self) -> Vec<KeyStatus> {
        self.trusted().iter().map(|trusted| trusted.keys.status()).collect()
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
        let begin = |trusted: &Arc<Trusted>| (Excerpt::of(&trusted.issuer), ask(&*trusted.keys));
        let begun: Vec<_> = self.trusted().iter().filter(|trusted| are_meant(trusted)).map(begin).collect();
        let mut first_failure = Ok(());
        for (issuer, done) in begun {
            let done = done.await.map_err(|no_keys| {
                let facts = TokenFacts { issuer: Some(issuer), ..TokenFacts::default() };
                VerifyError::with_facts(failure_of_fetch(no_keys), facts)
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
        self.trusted().iter().filter_map(|trusted| trusted.keys.snapshot()).collect()
    }

    /// Ordered by issuer.
    fn trusted(&self) -> Vec<Arc<Trusted>> {
        self.inner.issuers.load().all(&self.inner.surroundings)
    }

    /// `change` is made again if another one came between.
    fn replace_issuers(&self, change: impl Fn(&mut Issuers) -> bool) -> bool {
        let mut has_changed = false;
        self.inner.issuers.rcu(|issuers| {
            let mut issuers = Issuers::clone(issuers);
            has_changed = change(&mut issuers);
            issuers
        });
        has_changed
    }
}

fn failure_of_fetch(no_keys: NoKeys) -> Failure {
    match no_keys {
        NoKeys::Unavailable { retry_after, kind, cause } => unavailable(retry_after, kind, cause),
        // Nobody who wants keys for no token is told to make do with those that there are.
        NoKeys::NothingNewer | NoKeys::Undecided { .. } => Failure::unknown_key(),
    }
}
