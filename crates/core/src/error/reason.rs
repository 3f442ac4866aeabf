//! Why a request was refused: one closed list of labels.

use std::fmt;

/// Why a request was refused.
///
/// The label of log events, metrics, the response extension and the tests. In the order of the checks.
///
/// ```
/// use claviger_core::error::Reason;
///
/// assert_eq!(Reason::WrongAudience.as_str(), "wrong_audience");
/// assert!(Reason::ALL.contains(&Reason::Expired));
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Reason {
    /// The request carries no credentials of ours.
    MissingCredentials,
    /// Its `Authorization` names a scheme that is not accepted.
    UnsupportedScheme,
    /// Its credentials cannot be read: two of them, none after the scheme, or characters outside token68.
    MalformedRequest,
    /// A cookie came with a request of another site.
    CrossSite,
    /// The token has not the shape of a signed JWT, or its header asks for what nobody grants.
    MalformedToken,
    /// Its `alg` is not one that its issuer may use.
    UnsupportedAlgorithm,
    /// It is another kind of token: its `typ`, or the marks of an ID token, say so.
    WrongType,
    /// Its `iss` is no issuer that is allowed here.
    UnknownIssuer,
    /// No single key of its issuer fits it.
    UnknownKey,
    /// Its signature is not by that key.
    BadSignature,
    /// Its `exp` has passed.
    Expired,
    /// Its `nbf` is still to come.
    NotYetValid,
    /// Its `iat` is still to come.
    IssuedInFuture,
    /// It was issued longer ago than this API takes.
    TooOld,
    /// It is meant for somebody else.
    WrongAudience,
    /// A claim that must be there is not.
    MissingClaim,
    /// A claim has the wrong JSON type or value.
    WrongClaim,
    /// The payload does not fit the application's claims type.
    ClaimsShape,
    /// The application's own check denied it.
    Revoked,
    /// It is bound to another key, or to one that was not shown.
    BindingMismatch,
    /// It needs a DPoP proof and none came.
    ProofMissing,
    /// The DPoP proof cannot be read.
    ProofMalformed,
    /// The DPoP proof is for another request or token.
    ProofMismatch,
    /// The DPoP proof is too old or too new.
    ProofExpired,
    /// The DPoP proof was seen before.
    ProofReplayed,
    /// The DPoP proof lacks a nonce of ours.
    NonceRequired,
    /// It needs a client certificate and none came.
    CertificateMissing,
    /// It is bound to another client certificate, or what should tell the client's cannot be read.
    CertificateMismatch,
    /// It lacks a scope that the route needs.
    InsufficientScope,
    /// The user's authentication is too weak or too long ago.
    InsufficientAuthentication,
    /// It lacks what no scope and no authentication would give: a role, a permission, another claim.
    Forbidden,
    /// The issuer's keys could not be had.
    KeysUnavailable,
    /// Its key is unknown, and its issuer has been asked for newer keys as often as it may be.
    RefetchExhausted,
    /// The application's issuer resolver failed.
    ResolverFailed,
    /// The application's own check, or the clock, failed.
    CheckFailed,
    /// The replay store did not answer.
    StoreUnavailable,
}

impl Reason {
    /// Every reason there is.
    pub const ALL: &'static [Self] = &[
        Self::MissingCredentials,
        Self::UnsupportedScheme,
        Self::MalformedRequest,
        Self::CrossSite,
        Self::MalformedToken,
        Self::UnsupportedAlgorithm,
        Self::WrongType,
        Self::UnknownIssuer,
        Self::UnknownKey,
        Self::BadSignature,
        Self::Expired,
        Self::NotYetValid,
        Self::IssuedInFuture,
        Self::TooOld,
        Self::WrongAudience,
        Self::MissingClaim,
        Self::WrongClaim,
        Self::ClaimsShape,
        Self::Revoked,
        Self::BindingMismatch,
        Self::ProofMissing,
        Self::ProofMalformed,
        Self::ProofMismatch,
        Self::ProofExpired,
        Self::ProofReplayed,
        Self::NonceRequired,
        Self::CertificateMissing,
        Self::CertificateMismatch,
        Self::InsufficientScope,
        Self::InsufficientAuthentication,
        Self::Forbidden,
        Self::KeysUnavailable,
        Self::RefetchExhausted,
        Self::ResolverFailed,
        Self::CheckFailed,
        Self::StoreUnavailable,
    ];

    /// The label, in lower case with underscores.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MissingCredentials => "missing_credentials",
            Self::UnsupportedScheme => "unsupported_scheme",
            Self::MalformedRequest => "malformed_request",
            Self::CrossSite => "cross_site",
            Self::MalformedToken => "malformed_token",
            Self::UnsupportedAlgorithm => "unsupported_algorithm",
            Self::WrongType => "wrong_type",
            Self::UnknownIssuer => "unknown_issuer",
            Self::UnknownKey => "unknown_key",
            Self::BadSignature => "bad_signature",
            Self::Expired => "expired",
            Self::NotYetValid => "not_yet_valid",
            Self::IssuedInFuture => "issued_in_future",
            Self::TooOld => "too_old",
            Self::WrongAudience => "wrong_audience",
            Self::MissingClaim => "missing_claim",
            Self::WrongClaim => "wrong_claim",
            Self::ClaimsShape => "claims_shape",
            Self::Revoked => "revoked",
            Self::BindingMismatch => "binding_mismatch",
            Self::ProofMissing => "proof_missing",
            Self::ProofMalformed => "proof_malformed",
            Self::ProofMismatch => "proof_mismatch",
            Self::ProofExpired => "proof_expired",
            Self::ProofReplayed => "proof_replayed",
            Self::NonceRequired => "nonce_required",
            Self::CertificateMissing => "certificate_missing",
            Self::CertificateMismatch => "certificate_mismatch",
            Self::InsufficientScope => "insufficient_scope",
            Self::InsufficientAuthentication => "insufficient_authentication",
            Self::Forbidden => "forbidden",
            Self::KeysUnavailable => "keys_unavailable",
            Self::RefetchExhausted => "refetch_exhausted",
            Self::ResolverFailed => "resolver_failed",
            Self::CheckFailed => "check_failed",
            Self::StoreUnavailable => "store_unavailable",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
