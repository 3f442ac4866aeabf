//! Asks Access what it knows about somebody.

use std::fmt;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use claviger_core::Fetch;
use claviger_core::FetchError;
use claviger_core::HttpFetch;
use claviger_core::Issuer;
use claviger_core::KeySettings;
use claviger_core::VerifiedToken;
use claviger_core::Verifier;
use claviger_core::clock::Clock;
use claviger_core::clock::SystemClock;
use claviger_core::error::ConfigError;
use http::HeaderValue;
use http::Request;
use http::StatusCode;
use http::header::COOKIE as COOKIES;
use thiserror::Error;
use tokio::time::timeout;

use crate::arguments::Arguments;
use crate::cloudflare_access::COOKIE;
use crate::cloudflare_access::Identity;
use crate::cloudflare_access::Principal;
use crate::cloudflare_access::User;
use crate::cloudflare_access::kept::Kept;
use crate::cloudflare_access::origin;

/// Asks Access what it knows about the users it has let through: groups, devices, the identity provider.
///
/// It hands the user's token to the team's own address, over https, and to nobody else. Only for a token that was verified
/// before; a session is asked for once, however many requests it has at a time.
///
/// # Defaults
///
/// Answers of at most 64 KiB, within 5 s, without redirects; 1,000 of them kept for 60 s, failures for 5 s.
///
/// ```
/// use std::time::Duration;
///
/// use claviger_providers::cloudflare_access::Identities;
///
/// let identities = Identities::new("my-team")?.kept_for(Duration::from_secs(10)).keeping(200);
/// # let _ = identities;
/// assert!(Identities::new("my.team").is_err());
/// # Ok::<(), claviger_core::error::ConfigError>(())
/// ```
pub struct Identities {
    origin: String,
    fetch: Arc<dyn Fetch>,
    clock: Arc<dyn Clock>,
    capacity: usize,
    lifetime: Duration,
    kept: Mutex<Kept>,
}

/// Why nothing is known about somebody. For the log; nothing of it is for a client.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum IdentityError {
    /// The token is of another issuer than the team.
    #[error("the token is not of this team")]
    OtherTeam,
    /// Another token was verified than the one to be sent.
    #[error("the token is not the one that was verified")]
    OtherToken,
    /// A service, or a session that Access knows nothing about.
    #[error("the token has no identity behind it")]
    NoIdentity,
    /// Access was not reached.
    #[error("the identity could not be fetched: {0}")]
    Fetch(FetchError),
    /// The deadline passed.
    #[error("the deadline passed")]
    Deadline,
    /// Access does not know the token any more.
    #[error("the answer was {0}")]
    Refused(StatusCode),
    /// The answer is no identity.
    #[error("the answer is no identity")]
    Malformed,
    /// The answer is about somebody else.
    #[error("the answer is about somebody else")]
    SomebodyElse,
}

impl Identities {
    /// Of this team.
    ///
    /// # Errors
    ///
    /// What is wrong with the name, or that TLS cannot be set up.
    pub fn new(team: &str) -> Result<Self, ConfigError> {
        let mut arguments = Arguments::default();
        let origin = origin(&mut arguments, team);
        // A verifier tells the problems, and nothing else is asked of it.
        Verifier::builder(arguments.of(Issuer::new(origin.as_str(), "none").with_jwks_uri(origin.as_str()))).build()?;
        let mut limits = KeySettings::default();
        limits.max_bytes = MAX_BYTES;
        let fetch = HttpFetch::new(&limits).map_err(|error| ConfigError::of("team", error.to_string()))?;
        Ok(Self {
            origin,
            fetch: Arc::new(fetch),
            clock: Arc::new(SystemClock::new()),
            capacity: CAPACITY,
            lifetime: LIFETIME,
            kept: Mutex::new(Kept::new(CAPACITY, LIFETIME)),
        })
    }

    /// Another way to Access, with limits of its own.
    #[must_use]
    pub fn with_fetch(mut self, fetch: impl Fetch) -> Self {
        self.fetch = Arc::new(fetch);
        self
    }

    /// Another clock than that of the machine; tests set theirs.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// How long an answer serves.
    #[must_use]
    pub fn kept_for(mut self, lifetime: Duration) -> Self {
        self.lifetime = lifetime;
        self.forget()
    }

    /// How many answers are kept, at least one.
    #[must_use]
    pub fn keeping(mut self, answers: usize) -> Self {
        self.capacity = answers;
        self.forget()
    }

    /// What Access knows about the session of `token`; `sent` is the same token as it came with the request.
    ///
    /// # Errors
    ///
    /// An [`IdentityError`]. Whoever demands something of the identity must refuse the request for any of them.
    pub async fn of(&self, token: &VerifiedToken, sent: &str) -> Result<Arc<Identity>, IdentityError> {
        if token.issuer() != self.origin {
            return Err(IdentityError::OtherTeam);
        }
        if !is_of(sent, token) {
            return Err(IdentityError::OtherToken);
        }
        let principal = token.claims::<Principal>().map_err(|_| IdentityError::NoIdentity)?;
        let Principal::User(user) = &*principal else {
            return Err(IdentityError::NoIdentity);
        };
        let Some(nonce) = user.identity_nonce.clone() else {
            return Err(IdentityError::NoIdentity);
        };
        let answer = {
            let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            kept.answer((user.sub.clone(), nonce), self.clock.monotonic())
        };
        answer.get_or_init(|| self.ask(sent, user)).await.clone()
    }

    async fn ask(&self, sent: &str, user: &User) -> Result<Arc<Identity>, IdentityError> {
        let mut cookie = HeaderValue::try_from(format!("{COOKIE}={sent}")).map_err(|_| IdentityError::OtherToken)?;
        cookie.set_sensitive(true);
        let request = Request::get(format!("{}/cdn-cgi/access/get-identity", self.origin))
            .header(COOKIES, cookie)
            .body(())
            .map_err(|error| IdentityError::Fetch(FetchError::Transport(error.to_string())))?;
        let answer = timeout(DEADLINE, self.fetch.fetch(request)).await.map_err(|_| IdentityError::Deadline)?;
        let answer = answer.map_err(IdentityError::Fetch)?;
        if answer.status() != StatusCode::OK {
            return Err(IdentityError::Refused(answer.status()));
        }
        let identity: Identity = serde_json::from_slice(answer.body()).map_err(|_| IdentityError::Malformed)?;
        if identity.email.is_none() && identity.user_uuid.is_none() {
            return Err(IdentityError::Malformed);
        }
        let differs = |known: &Option<String>, said: &str| known.as_deref().is_some_and(|known| known != said);
        if differs(&identity.email, &user.email) || differs(&identity.user_uuid, &user.sub) {
            return Err(IdentityError::SomebodyElse);
        }
        Ok(Arc::new(identity))
    }

    fn forget(mut self) -> Self {
        self.kept = Mutex::new(Kept::new(self.capacity, self.lifetime));
        self
    }
}

/// Without whose identities it keeps.
impl fmt::Debug for Identities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identities").field("origin", &self.origin).finish_non_exhaustive()
    }
}

/// Whether `sent` carries what was verified.
fn is_of(sent: &str, token: &VerifiedToken) -> bool {
    let payload = sent.split('.').nth(1).and_then(|payload| URL_SAFE_NO_PAD.decode(payload).ok());
    payload.is_some_and(|payload| payload == token.payload().as_bytes())
}

const MAX_BYTES: usize = 64 * 1024;
const DEADLINE: Duration = Duration::from_secs(5);
const LIFETIME: Duration = Duration::from_secs(60);
const CAPACITY: usize = 1_000;
