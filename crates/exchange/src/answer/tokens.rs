//! The tokens of an answer.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use std::time::SystemTime;

use secrecy::SecretString;

use crate::client::ProofKey;

/// An access token for another API. Cloning is cheap; the token is wiped when the last clone is dropped.
#[derive(Clone)]
pub struct AccessToken {
    inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub(super) token: SecretString,
    pub(super) token_type: Option<String>,
    pub(super) issued_token_type: Option<String>,
    pub(super) scope: Option<String>,
    pub(super) lifetime: Duration,
    pub(super) stated_lifetime: Option<Duration>,
    pub(super) expires_at: Option<SystemTime>,
    pub(super) proof_key: Option<Arc<ProofKey>>,
}

/// What token exchange gave (RFC 8693, section 2.2.1). Cloning is cheap.
///
/// ```
/// use claviger_exchange::ClientAuthentication;
/// use claviger_exchange::Exchanger;
/// use claviger_exchange::TokenEndpoint;
/// use claviger_exchange::TokenExchange;
/// use claviger_exchange::TokenType;
/// use claviger_testing::TestIssuer;
/// use serde_json::json;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let issuer = TestIssuer::start().await;
/// issuer.answer_token(json!({ "access_token": "a", "expires_in": 60, "scope": "read" }));
/// let client = ClientAuthentication::none("reports");
/// let exchanger = Exchanger::builder(TokenEndpoint::of_issuer(issuer.url()), client).build()?;
///
/// let tokens = exchanger.exchange(&TokenExchange::new("a subject token", TokenType::JWT)).await?;
/// assert_eq!(tokens.access_token().scope(), Some("read"));
/// assert!(tokens.refresh_token().is_none());
/// assert!(!format!("{tokens:?}").contains("\"a\""));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ExchangedToken {
    access_token: AccessToken,
    others: Arc<Others>,
}

#[derive(Default)]
pub(super) struct Others {
    pub(super) id_token: Option<SecretString>,
    pub(super) refresh_token: Option<SecretString>,
}

impl AccessToken {
    /// The token itself. To put it on a call, see [`authorize`](Self::authorize).
    #[must_use]
    pub fn secret(&self) -> &SecretString {
        &self.inner.token
    }

    /// `token_type`, as the answer states it: how the token is presented, in any case. `None` is taken for `Bearer`.
    #[must_use]
    pub fn token_type(&self) -> Option<&str> {
        self.inner.token_type.as_deref()
    }

    /// `issued_token_type`, as the answer states it: what kind of token it is.
    #[must_use]
    pub fn issued_token_type(&self) -> Option<&str> {
        self.inner.issued_token_type.as_deref()
    }

    /// `scope`, as the answer states it. `None`: what was asked for was granted (RFC 6749, section 5.1).
    #[must_use]
    pub fn scope(&self) -> Option<&str> {
        self.inner.scope.as_deref()
    }

    /// When it expires, by the exchanger's clock; an hour after it came where the answer does not say. `None` if the clock
    /// does not know the time, or beyond what the system can express.
    #[must_use]
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.inner.expires_at
    }

    /// How long it lived from when it was asked for.
    #[must_use]
    pub fn lifetime(&self) -> Duration {
        self.inner.lifetime
    }

    /// The key that it is bound to.
    pub(crate) fn proof_key(&self) -> Option<&Arc<ProofKey>> {
        self.inner.proof_key.as_ref()
    }
}

impl ExchangedToken {
    pub(super) fn new(access_token: Inner, others: Others) -> Self {
        Self { access_token: AccessToken { inner: Arc::new(access_token) }, others: Arc::new(others) }
    }

    /// The token that was asked for; of whatever type, the answer calls it `access_token`.
    #[must_use]
    pub fn access_token(&self) -> &AccessToken {
        &self.access_token
    }

    /// That token alone.
    #[must_use]
    pub fn into_access_token(self) -> AccessToken {
        self.access_token
    }

    /// `id_token`, which nobody has verified.
    #[must_use]
    pub fn id_token(&self) -> Option<&SecretString> {
        self.others.id_token.as_ref()
    }

    /// `refresh_token`.
    #[must_use]
    pub fn refresh_token(&self) -> Option<&SecretString> {
        self.others.refresh_token.as_ref()
    }

    /// `None` where the answer does not say.
    pub(crate) fn stated_lifetime(&self) -> Option<Duration> {
        self.access_token.inner.stated_lifetime
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessToken")
            .field("token_type", &self.inner.token_type)
            .field("issued_token_type", &self.inner.issued_token_type)
            .field("scope", &self.inner.scope)
            .field("lifetime", &self.inner.lifetime)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for ExchangedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExchangedToken").field("access_token", &self.access_token).finish_non_exhaustive()
    }
}
