//! Why a token was refused, for the log.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use crate::error::Excerpt;
use crate::error::Failure;
use crate::error::Reason;
use crate::error::Refusal;

/// Why a token was not believed: the check that failed, the values it compared, and what is known of the token.
///
/// Never holds the token, a signature or a secret. The client hears only [`refusal`](Self::refusal).
#[derive(Clone, Debug)]
pub struct VerifyError {
    failure: Failure,
    facts: Option<Box<TokenFacts>>,
}

impl VerifyError {
    pub(crate) fn with_facts(failure: Failure, facts: TokenFacts) -> Self {
        Self { failure, facts: Some(Box::new(facts)) }
    }

    /// The check that failed.
    #[must_use]
    pub fn failure(&self) -> &Failure {
        &self.failure
    }

    /// The label of the check that failed.
    #[must_use]
    pub fn reason(&self) -> Reason {
        self.failure.reason()
    }

    /// What the client may be told (RFC 6750, section 3.1).
    #[must_use]
    pub fn refusal(&self) -> Refusal {
        let retry_after = if let Failure::KeysUnavailable { retry_after, .. }
        | Failure::IssuerMismatch { retry_after, .. }
        | Failure::RefetchExhausted { retry_after, .. }
        | Failure::StoreUnavailable { retry_after, .. } = &self.failure
        {
            *retry_after
        } else {
            Duration::from_secs(1)
        };
        self.reason().refusal(retry_after)
    }

    /// A nonce for the next proof, where that needs one: what the field `DPoP-Nonce` has to tell the client (RFC 9449,
    /// section 9).
    #[must_use]
    pub fn fresh_nonce(&self) -> Option<&str> {
        if let Failure::NonceRequired { fresh, .. } = &self.failure { Some(fresh) } else { None }
    }

    /// What the token says of itself, as far as it could be read; unverified.
    #[must_use]
    pub fn facts(&self) -> Option<&TokenFacts> {
        self.facts.as_deref()
    }
}

impl From<Failure> for VerifyError {
    fn from(failure: Failure) -> Self {
        Self { failure, facts: None }
    }
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.failure.fmt(f)
    }
}

impl Error for VerifyError {}

/// What a refused token says of itself: unverified, cut to 128 characters, control characters escaped.
#[derive(Clone, Debug, Default)]
pub struct TokenFacts {
    pub(crate) issuer: Option<Excerpt>,
    pub(crate) key_id: Option<Excerpt>,
    pub(crate) algorithm: Option<Excerpt>,
    pub(crate) typ: Option<Excerpt>,
}

impl TokenFacts {
    /// The `iss` claim.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_ref().map(Excerpt::as_str)
    }

    /// The `kid` of the header.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.key_id.as_ref().map(Excerpt::as_str)
    }

    /// The `alg` of the header.
    #[must_use]
    pub fn algorithm(&self) -> Option<&str> {
        self.algorithm.as_ref().map(Excerpt::as_str)
    }

    /// The `typ` of the header.
    #[must_use]
    pub fn typ(&self) -> Option<&str> {
        self.typ.as_ref().map(Excerpt::as_str)
    }
}
