//! The application's own check of a token that passed every other one, before the one use of its proof is recorded.

use std::error::Error;
use std::fmt;
use std::future::poll_fn;
use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use crate::error::Excerpt;
use crate::error::Failure;
use crate::error::VerifyError;
use crate::verifier::VerifiedToken;

/// The application's own check of a token that passed every other one: a list of revoked tokens, say, or the state of
/// an account.
///
/// It is asked once for each request with a token, also where the token was seen before; only the one use of a DPoP proof
/// is recorded after it, so a proof is not used up by a denial or a failure. A denial is answered 401 like any invalid
/// token. Its failure, a panic included, is answered 503, because nobody can tell then whether the
/// token is good. It has no deadline but its own, so a check that asks somebody over a network needs one.
///
/// A closure will do, an async one too; it is cloned for each call, so what it shares stands behind an `Arc`:
///
/// ```
/// use std::collections::HashSet;
/// use std::sync::Arc;
///
/// use claviger_core::CheckVerdict;
/// use claviger_core::Issuer;
/// use claviger_core::VerifiedToken;
/// use claviger_core::Verifier;
///
/// let revoked: Arc<HashSet<String>> = Arc::default();
/// let verifier = Verifier::builder(Issuer::new("https://issuer.example", "https://api.example"))
///     .with_check(async move |token: VerifiedToken| {
///         let id = token.token_id().ok_or("the token has no id")?;
///         Ok(if revoked.contains(id) { CheckVerdict::deny("on the list") } else { CheckVerdict::Allow })
///     })
///     .build()?;
/// # let _ = verifier;
/// # Ok::<(), claviger_core::error::ConfigError>(())
/// ```
///
/// A type with a deadline:
///
/// ```
/// use std::time::Duration;
///
/// use claviger_core::CheckFuture;
/// use claviger_core::CheckVerdict;
/// use claviger_core::TokenCheck;
/// use claviger_core::VerifiedToken;
///
/// struct Accounts;
///
/// impl Accounts {
///     async fn is_suspended(&self, subject: &str) -> std::io::Result<bool> {
///         Ok(subject == "mallory")
///     }
/// }
///
/// impl TokenCheck for Accounts {
///     fn check<'a>(&'a self, token: &'a VerifiedToken) -> CheckFuture<'a> {
///         Box::pin(async move {
///             let asked = self.is_suspended(token.subject().unwrap_or_default());
///             let is_suspended = tokio::time::timeout(Duration::from_millis(500), asked).await??;
///             Ok(if is_suspended { CheckVerdict::deny("suspended") } else { CheckVerdict::Allow })
///         })
///     }
/// }
/// # let _ = Accounts;
/// ```
pub trait TokenCheck: Send + Sync + 'static {
    /// Whether the application takes this token.
    fn check<'a>(&'a self, token: &'a VerifiedToken) -> CheckFuture<'a>;
}

/// What a [`TokenCheck`] returns; the text of an error is for the log alone.
pub type CheckFuture<'a> = Pin<Box<dyn Future<Output = CheckResult> + Send + 'a>>;

type CheckResult = Result<CheckVerdict, Box<dyn Error + Send + Sync>>;

/// Whether the application takes a token.
#[derive(Clone, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "there is no third way; what cannot be decided is an error")]
pub enum CheckVerdict {
    /// It does.
    Allow,
    /// It does not, and the log hears why: the first 128 characters, never the client. Leave claims out of it.
    Deny(String),
}

impl CheckVerdict {
    /// A denial, and why.
    #[must_use]
    pub fn deny(why: impl Into<String>) -> Self {
        Self::Deny(why.into())
    }
}

/// `FnOnce` and a clone rather than `Fn`, because an async closure that uses what it captured is no `Fn`.
impl<F, R> TokenCheck for F
where
    F: FnOnce(VerifiedToken) -> R + Clone + Send + Sync + 'static,
    R: Future<Output = CheckResult> + Send + 'static,
{
    fn check<'a>(&'a self, token: &'a VerifiedToken) -> CheckFuture<'a> {
        Box::pin(self.clone()(token.clone()))
    }
}

/// A check that a verifier has.
#[derive(Clone)]
pub(super) struct Check(Arc<dyn TokenCheck>);

impl Check {
    pub(super) fn new(check: impl TokenCheck) -> Self {
        Self(Arc::new(check))
    }

    /// `token`, if the application takes it.
    pub(super) async fn approve(self, token: VerifiedToken) -> Result<VerifiedToken, VerifyError> {
        let failure = match self.ask(&token).await {
            // Its issuer may have been removed meanwhile.
            Ok(CheckVerdict::Allow) if token.trusted().standing.is_removed() => Failure::unknown_issuer(),
            Ok(CheckVerdict::Allow) => return Ok(token),
            Ok(CheckVerdict::Deny(why)) => Failure::Revoked { why: Excerpt::of(&why).as_str().to_owned() },
            Err(error) => Failure::CheckFailed { cause: Excerpt::of(&error.to_string()).as_str().to_owned() },
        };
        Err(VerifyError::with_facts(failure, token.facts()))
    }

    /// A panic is a failure like any other: the request has its 503, and its connection serves on.
    async fn ask(&self, token: &VerifiedToken) -> CheckResult {
        let panicked = |_| Err("it panicked".into());
        let mut asked = match catch_unwind(AssertUnwindSafe(|| self.0.check(token))) {
            Ok(asked) => asked,
            Err(panic) => return panicked(panic),
        };
        poll_fn(|context| {
            catch_unwind(AssertUnwindSafe(|| asked.as_mut().poll(context)))
                .unwrap_or_else(|panic| Poll::Ready(panicked(panic)))
        })
        .await
    }
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Check(..)")
    }
}
