//! A token that is believed.

use std::fmt;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;
use std::time::SystemTime;

use secrecy::ExposeSecret;
use secrecy::SecretString;
use serde::de::DeserializeOwned;

use crate::claims;
use crate::claims::ActorChain;
use crate::claims::ClaimSet;
use crate::error::Failure;
use crate::error::TokenFacts;
use crate::error::VerifyError;
use crate::presenter::Believed;
use crate::presenter::ClientCertificate;
use crate::presenter::HeldKey;
use crate::presenter::Possession;
use crate::presenter::Presentation;
use crate::presenter::PresenterRules;
use crate::presenter::Shown;
use crate::presenter::TokenScheme;
use crate::presenter::dpop::Nonce;
use crate::token::Algorithm;
use crate::token::Header;
use crate::verifier::expiry;
use crate::verifier::facts;
use crate::verifier::parsed::Parsed;
use crate::verifier::trusted::Trusted;

/// A token whose signature, issuer, audience and lifetime have all been checked.
///
/// Only [`Verifier`](crate::Verifier) makes one, so holding it is the proof. Cloning is cheap; clones share the claims
/// types that were asked for.
#[derive(Clone)]
pub struct VerifiedToken {
    inner: Arc<Inner>,
    presented: Option<Arc<SecretString>>,
    /// Of this request alone, so it stands beside what all requests with the same token may share.
    possession: Option<Arc<Possession>>,
}

struct Inner {
    header: Header,
    payload: String,
    claims: ClaimSet,
    trusted: Arc<Trusted>,
    algorithm: Algorithm,
    parsed: Mutex<Parsed>,
}

impl VerifiedToken {
    /// The one constructor: whoever calls it asserts that every check has passed.
    pub(crate) fn assertion(
        header: Header,
        payload: String,
        claims: ClaimSet,
        trusted: Arc<Trusted>,
        algorithm: Algorithm,
    ) -> Self {
        let inner = Inner { header, payload, claims, trusted, algorithm, parsed: Mutex::default() };
        Self { inner: Arc::new(inner), presented: None, possession: None }
    }

    /// The same token together with the text that was verified.
    pub(super) fn keeping(self, text: SecretString) -> Self {
        Self { presented: Some(Arc::new(text)), ..self }
    }

    /// The same, from a presenter who holds what it is bound to.
    pub(super) fn held_with(self, possession: Possession) -> Self {
        Self { possession: Some(Arc::new(possession)), ..self }
    }

    /// The scheme that it was presented by; Bearer also where it came from a place that has no scheme.
    #[must_use]
    pub fn scheme(&self) -> TokenScheme {
        if self.held_key().is_some() { TokenScheme::Dpop } else { TokenScheme::Bearer }
    }

    /// The thumbprint (RFC 7638) of the key whose possession its presenter has shown: `cnf.jkt` (RFC 9449, section 6.1).
    #[must_use]
    pub fn key_thumbprint(&self) -> Option<&str> {
        self.held_key().map(|key| key.thumbprint.as_str())
    }

    /// The certificate that its presenter has shown, where the token is bound to it: `cnf.x5t#S256` (RFC 8705, section 3).
    #[must_use]
    pub fn certificate(&self) -> Option<&ClientCertificate> {
        self.possession.as_ref()?.certificate.as_ref()
    }

    /// The nonce for the client's next proof, where the one of this proof ends soon: for the field `DPoP-Nonce` of the
    /// response (RFC 9449, section 8.2), which must not be cached then. The layer of the crate `claviger` sends it.
    #[must_use]
    pub fn next_nonce(&self) -> Option<&str> {
        self.held_key()?.next_nonce.as_ref().map(Nonce::as_str)
    }

    /// The issuer, exactly as configured: `iss`, unless that is [another spelling](crate::Issuer::add_alias).
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.inner.trusted.issuer
    }

    /// `sub`: whom the token is about, unique only together with [`issuer`](Self::issuer) (RFC 8725, section 3.8).
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.inner.claims.subject(&self.inner.payload).valid()
    }

    /// `client_id`: the client that asked for the token.
    #[must_use]
    pub fn client_id(&self) -> Option<&str> {
        self.inner.claims.client_id(&self.inner.payload).valid()
    }

    /// `jti`: the token's own identifier.
    #[must_use]
    pub fn token_id(&self) -> Option<&str> {
        self.inner.claims.token_id(&self.inner.payload).valid()
    }

    /// `aud`: everybody the token is meant for, us among them.
    pub fn audience(&self) -> impl Iterator<Item = &str> {
        self.inner.claims.audience(&self.inner.payload).into_iter().flatten()
    }

    /// The words of `scope`, or of `scp` where there is no `scope`.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        self.inner.claims.scopes(&self.inner.payload)
    }

    /// `exp`; `None` beyond what the system can express.
    #[must_use]
    pub fn expires_at(&self) -> Option<SystemTime> {
        system_time(self.inner.claims.expires_at().valid()?)
    }

    /// Ends when `exp`, plus the leeway of the issuer, has passed: the moment from which on the token is refused. For
    /// answers that live longer than the request they belong to, such as event streams and WebSockets.
    ///
    /// End by it only what stands alone, such as the event stream that an MCP client opens by GET; let answers under way
    /// run out. And let each end up to 10 s later, by chance: a client that loses all of its answers at one moment
    /// refreshes its token as often at once, and servers that rotate refresh tokens take the second use for theft. Two MCP
    /// SDKs lost their grants that way.
    ///
    /// Judged by the verifier's clock, within a minute also where that is set while this waits; a clock that does not
    /// know the time ends it. An `exp` beyond any calendar never comes. It holds nothing of the token, and tells nothing
    /// of revocation.
    ///
    /// ```
    /// use claviger_core::VerifiedToken;
    /// use tokio::sync::mpsc::Receiver;
    ///
    /// async fn forward(token: VerifiedToken, mut news: Receiver<String>, send: fn(String)) {
    ///     let mut expired = token.expired();
    ///     loop {
    ///         tokio::select! {
    ///             () = &mut expired => break,
    ///             Some(item) = news.recv() => send(item),
    ///             else => break,
    ///         }
    ///     }
    /// }
    /// # let _ = forward;
    /// ```
    ///
    /// # Panics
    ///
    /// The future panics where it is polled outside of a tokio runtime with time enabled.
    pub fn expired(&self) -> impl Future<Output = ()> + Send + Unpin + use<> {
        let Trusted { rules, clock, .. } = &*self.inner.trusted;
        let exp = self.inner.claims.expires_at().valid().unwrap_or(f64::NEG_INFINITY);
        Box::pin(expiry::wait(Arc::clone(clock), exp + rules.leeway))
    }

    /// `iat`; `None` if there is none, or beyond what the system can express.
    #[must_use]
    pub fn issued_at(&self) -> Option<SystemTime> {
        system_time(self.inner.claims.issued_at().valid()?)
    }

    /// The algorithm of the signature.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.inner.algorithm
    }

    /// `kid` of the header: the key that signed it, as its issuer names it.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.inner.header.key_id()
    }

    /// What a log line may have of the token.
    #[must_use]
    pub fn facts(&self) -> TokenFacts {
        facts::of(&self.inner.header, &self.inner.claims, &self.inner.payload)
    }

    /// All claims, as the JSON object that was signed.
    #[must_use]
    pub fn payload(&self) -> &str {
        &self.inner.payload
    }

    /// The claim of this name, as `T`; `None` if there is none, or it is `null`.
    ///
    /// # Errors
    ///
    /// [`Failure::WrongClaim`] if it is there and is no `T`: a claim of the wrong type is never taken for absence.
    pub fn claim<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, VerifyError> {
        let Ok(raw) = claims::find(&self.inner.payload, name) else {
            return Ok(None);
        };
        let wrong = |_| VerifyError::with_facts(Failure::wrong_claim(name), self.facts());
        serde_json::from_str(raw).map(Some).map_err(wrong)
    }

    /// The claims as the application's own type, parsed on first use and kept for all clones. They count against the
    /// [bound of the cache](crate::VerifierBuilder::with_cache_bytes), and are parsed each time where they would take too
    /// much of it.
    ///
    /// # Errors
    ///
    /// [`Failure::ClaimsShape`] if they do not fit. A number beyond `f64` fits no `serde_json::Value`, whatever its claim
    /// is; a type that leaves the claim out reads the others.
    pub fn claims<C: DeserializeOwned + Send + Sync + 'static>(&self) -> Result<Arc<C>, VerifyError> {
        if let Some(kept) = self.parsed().get() {
            return Ok(kept);
        }
        let (parsed, bytes) = claims::footprint::read::<C>(&self.inner.payload).map_err(|_| {
            let (claims, problem) = (std::any::type_name::<C>(), claims::explain::<C>(&self.inner.payload));
            VerifyError::with_facts(Failure::ClaimsShape { claims, problem }, self.facts())
        })?;
        let parsed = Arc::new(parsed);
        self.parsed().keep(&parsed, bytes, self.address());
        Ok(parsed)
    }

    /// The token itself, as it was presented: for exchanging it (RFC 8693). `None` unless the verifier was told to
    /// [keep it](crate::VerifierBuilder::keep_presented_token).
    ///
    /// It stands in no header field, is redacted in `Debug`, and is wiped when the last clone is dropped. A token that was
    /// meant for this API must not be handed on to another one; what that one gets is an exchanged token.
    #[must_use]
    pub fn presented_token(&self) -> Option<&SecretString> {
        self.presented.as_deref()
    }

    /// Everybody who acts for the subject (`act`; RFC 8693, section 4.1); `None` if nobody does.
    ///
    /// # Errors
    ///
    /// [`Failure::WrongClaim`] if `act` is there and is no chain of actors. The token is believed all the same, but who
    /// acts is not known: whoever asks must refuse.
    pub fn actors(&self) -> Result<Option<ActorChain>, VerifyError> {
        let Ok(raw) = claims::find(&self.inner.payload, "act") else {
            return Ok(None);
        };
        let wrong = || VerifyError::with_facts(Failure::wrong_claim("act"), self.facts());
        ActorChain::read(raw).map(Some).ok_or_else(wrong)
    }

    /// Without what one request has shown.
    pub(super) fn for_any_presenter(&self) -> Self {
        Self { possession: None, ..self.clone() }
    }

    /// Judges what can have changed since it was verified.
    pub(super) fn judged_again(
        &self,
        raw: &str,
        presenters: &PresenterRules,
        presentation: &Presentation<'_>,
    ) -> Result<Shown, Failure> {
        let Inner { payload, claims, trusted, .. } = &*self.inner;
        let now = trusted.clock.unix().ok_or(Failure::ClockUnknown)?.as_secs_f64();
        claims::check_times(claims, &trusted.rules, now)?;
        presenters.judge(presentation, &Believed { raw, payload, confirmation: &claims.confirmation }, now)
    }

    /// About what it takes, in bytes: with its text, if that is kept, and without the claims types that were asked of it.
    pub(super) fn bytes(&self) -> usize {
        let Inner { header, payload, claims, .. } = &*self.inner;
        let text = self.presented.as_ref().map_or(0, |text| size_of::<SecretString>() + text.expose_secret().len());
        size_of::<Inner>() + header.bytes() + payload.len() + claims.bytes() + text
    }

    /// Its claims as types of the application, and where they are counted.
    pub(super) fn parsed(&self) -> MutexGuard<'_, Parsed> {
        self.inner.parsed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The same for all clones, and no other token's as long as one of them is there.
    pub(super) fn address(&self) -> usize {
        Arc::as_ptr(&self.inner).addr()
    }

    pub(super) fn trusted(&self) -> &Trusted {
        &self.inner.trusted
    }

    fn held_key(&self) -> Option<&HeldKey> {
        self.possession.as_ref()?.key.as_ref()
    }
}

impl fmt::Debug for VerifiedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedToken").field("issuer", &self.issuer()).finish_non_exhaustive()
    }
}

pub(super) fn system_time(seconds: f64) -> Option<SystemTime> {
    let since = Duration::try_from_secs_f64(seconds).ok()?;
    SystemTime::UNIX_EPOCH.checked_add(since)
}
