//! What a client may be told.

use std::time::Duration;

use crate::error::Reason;

/// The answer that a refused request gets; all that a client learns.
///
/// Status, header lines and body are made from it by the HTTP layer. In the order of the checks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "closed: a new kind of answer must not get a status by accident")]
pub enum Refusal {
    /// 401 and challenges without `error` (RFC 6750, section 3.1).
    Unauthenticated,
    /// 400 and `error="invalid_request"`.
    InvalidRequest,
    /// 400 and `error="invalid_request"`; the body says that the request's address is ambiguous, not its credentials.
    AmbiguousAddress,
    /// 403, not a matter of scopes: the request comes from another site.
    CrossSite,
    /// 401 and `error="invalid_token"`.
    InvalidToken,
    /// 401 and `error="invalid_token"`; the description says that the token has expired.
    ExpiredToken,
    /// 401 and `DPoP error="invalid_dpop_proof"` (RFC 9449, section 7.1).
    InvalidProof,
    /// 401 and `DPoP error="use_dpop_nonce"` (RFC 9449, section 9).
    UseNonce,
    /// 403 and `error="insufficient_scope"`.
    InsufficientScope,
    /// 401 and `error="insufficient_user_authentication"` (RFC 9470, section 3).
    InsufficientAuthentication,
    /// 403 and challenges without `error` and `scope`: no scope would help, so no client should ask for one.
    Forbidden,
    /// 503 with `Retry-After` and no challenge: the fault is ours.
    Unavailable {
        /// How long until another try makes sense.
        retry_after: Duration,
    },
    /// 429 with `Retry-After` and no challenge (RFC 6585, section 4): the token may be good, but its key cannot be looked
    /// up yet. Not 503, because anybody can cause it, and proxies take an instance out of service for that.
    TooManyRequests {
        /// How long until another try makes sense.
        retry_after: Duration,
    },
}

impl Reason {
    /// What the client may be told. `retry_after` matters only where the client is to come again.
    #[must_use]
    pub const fn refusal(self, retry_after: Duration) -> Refusal {
        match self {
            Self::MissingCredentials | Self::UnsupportedScheme => Refusal::Unauthenticated,
            Self::MalformedRequest => Refusal::InvalidRequest,
            Self::CrossSite => Refusal::CrossSite,
            Self::Expired => Refusal::ExpiredToken,
            Self::MalformedToken
            | Self::UnsupportedAlgorithm
            | Self::WrongType
            | Self::UnknownIssuer
            | Self::UnknownKey
            | Self::BadSignature
            | Self::NotYetValid
            | Self::IssuedInFuture
            | Self::TooOld
            | Self::WrongAudience
            | Self::MissingClaim
            | Self::WrongClaim
            | Self::ClaimsShape
            | Self::Revoked
            | Self::BindingMismatch
            | Self::CertificateMissing
            | Self::CertificateMismatch => Refusal::InvalidToken,
            Self::ProofMissing
            | Self::ProofMalformed
            | Self::ProofMismatch
            | Self::ProofExpired
            | Self::ProofReplayed => Refusal::InvalidProof,
            Self::NonceRequired => Refusal::UseNonce,
            Self::InsufficientScope => Refusal::InsufficientScope,
            Self::InsufficientAuthentication => Refusal::InsufficientAuthentication,
            Self::Forbidden => Refusal::Forbidden,
            Self::KeysUnavailable | Self::ResolverFailed | Self::CheckFailed | Self::StoreUnavailable => {
                Refusal::Unavailable { retry_after }
            }
            Self::RefetchExhausted => Refusal::TooManyRequests { retry_after },
        }
    }
}
