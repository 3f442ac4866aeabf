//! One refusal: what the client hears, and why.

use std::sync::Arc;
use std::time::Duration;

use claviger_core::Missing;
use claviger_core::Scopes;
use claviger_core::TokenScheme;
use claviger_core::VerifiedToken;
use claviger_core::error::Reason;
use claviger_core::error::Refusal;
use claviger_core::error::VerifyError;
use http::StatusCode;

use crate::field_fault::FieldFault;

/// One refusal: what the client hears, and why. Stands in the extensions of the response, for layers outside.
#[derive(Clone, Debug)]
pub struct Refused {
    reason: Reason,
    refusal: Refusal,
    scheme: Option<TokenScheme>,
    scope: Option<Arc<Scopes>>,
    token: Option<VerifiedToken>,
    missing: Option<Arc<Missing>>,
    verify_error: Option<Arc<VerifyError>>,
    /// Boxed, because few have one and results hold refusals.
    field_fault: Option<Box<FieldFault>>,
}

impl Refused {
    pub(crate) fn because(reason: Reason) -> Self {
        let refusal = reason.refusal(Duration::from_secs(1));
        Self {
            reason,
            refusal,
            scheme: None,
            scope: None,
            token: None,
            missing: None,
            verify_error: None,
            field_fault: None,
        }
    }

    /// `Host`, or a field of a proxy, names no one address that a proof could be for.
    pub(crate) fn ambiguous_address(fault: FieldFault) -> Self {
        let refused = Self::because(Reason::MalformedRequest);
        Self { refusal: Refusal::AmbiguousAddress, field_fault: Some(Box::new(fault)), ..refused }
    }

    /// By a guard.
    pub(crate) fn lacking(missing: Missing) -> Self {
        let refused = Self::because(missing.reason());
        Self { missing: Some(Arc::new(missing)), ..refused }
    }

    /// Of a request whose token was not read.
    pub(crate) fn with_fault(self, fault: Option<FieldFault>) -> Self {
        Self { field_fault: fault.map(Box::new), ..self }
    }

    /// Of credentials that came by this scheme, if there is one and it can be told.
    pub(crate) fn of_scheme(self, scheme: Option<TokenScheme>) -> Self {
        Self { scheme, ..self }
    }

    pub(crate) fn with_scope(self, scope: Scopes) -> Self {
        Self { scope: Some(Arc::new(scope)), ..self }
    }

    pub(crate) fn with_token(self, token: Option<VerifiedToken>) -> Self {
        Self { token, ..self }
    }

    /// Why, as the log has it.
    #[must_use]
    pub fn reason(&self) -> Reason {
        self.reason
    }

    /// What the client hears.
    #[must_use]
    pub fn refusal(&self) -> Refusal {
        self.refusal
    }

    /// The scheme that the credentials came by, whose challenge alone has the `error`; `None` where that cannot be told.
    #[must_use]
    pub fn scheme(&self) -> Option<TokenScheme> {
        self.scheme
    }

    /// The check that failed, if it was one of the token's.
    #[must_use]
    pub fn verify_error(&self) -> Option<&VerifyError> {
        self.verify_error.as_deref()
    }

    /// The token, if it was believed and refused all the same.
    #[must_use]
    pub fn token(&self) -> Option<&VerifiedToken> {
        self.token.as_ref()
    }

    /// Returns the scopes that a token for this request has to have, as the refusing guard and those before it demand
    /// them.
    #[must_use]
    pub fn scope(&self) -> Option<&Scopes> {
        self.scope.as_deref()
    }

    /// What the token lacks of that which the refusing guard demands.
    #[must_use]
    pub fn missing(&self) -> Option<&Missing> {
        self.missing.as_deref()
    }

    pub(crate) fn field_fault(&self) -> Option<FieldFault> {
        self.field_fault.as_deref().copied()
    }

    /// The status of the answer. With [`GrpcAnswers::Status`](crate::respond::GrpcAnswers::Status) it is 200 to a gRPC call,
    /// with a `grpc-status` that says the same.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self.refusal {
            Refusal::InvalidRequest | Refusal::AmbiguousAddress => StatusCode::BAD_REQUEST,
            Refusal::CrossSite | Refusal::InsufficientScope | Refusal::Forbidden => StatusCode::FORBIDDEN,
            Refusal::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Refusal::TooManyRequests { .. } => StatusCode::TOO_MANY_REQUESTS,
            Refusal::Unauthenticated
            | Refusal::InvalidToken
            | Refusal::ExpiredToken
            | Refusal::InvalidProof
            | Refusal::UseNonce
            | Refusal::InsufficientAuthentication => StatusCode::UNAUTHORIZED,
        }
    }

    /// The `error` code of challenge and body (RFC 6750, section 3.1; RFC 9449, section 7.1; RFC 9470, section 3); none
    /// where the client sent no credentials, or is not to blame. `forbidden` and `cross_site` stand in the body alone,
    /// because clients would ask for another token, which does not help.
    #[must_use]
    pub fn error(&self) -> Option<&'static str> {
        match self.refusal {
            Refusal::InvalidRequest | Refusal::AmbiguousAddress => Some("invalid_request"),
            Refusal::InvalidToken | Refusal::ExpiredToken => Some("invalid_token"),
            Refusal::InsufficientScope => Some("insufficient_scope"),
            Refusal::CrossSite => Some("cross_site"),
            Refusal::Forbidden => Some("forbidden"),
            Refusal::InvalidProof => Some("invalid_dpop_proof"),
            Refusal::UseNonce => Some("use_dpop_nonce"),
            Refusal::InsufficientAuthentication => Some("insufficient_user_authentication"),
            Refusal::Unauthenticated | Refusal::Unavailable { .. } | Refusal::TooManyRequests { .. } => None,
        }
    }

    /// One fixed sentence for each kind of refusal; nothing of the request, the token or the configuration is in it.
    #[must_use]
    pub fn detail(&self) -> &'static str {
        match self.refusal {
            Refusal::InvalidRequest => "The credentials of the request are malformed",
            Refusal::AmbiguousAddress => "The address of the request is ambiguous; its credentials were not checked",
            Refusal::ExpiredToken => "The access token has expired",
            Refusal::InvalidToken => "The access token is not valid here",
            Refusal::InsufficientScope => "The access token lacks a scope that this request needs",
            Refusal::CrossSite => "The request comes from another site",
            Refusal::Forbidden => "The access token does not permit this request",
            Refusal::Unavailable { .. } => "The access token cannot be checked at the moment",
            Refusal::TooManyRequests { .. } => "The key of the access token cannot be looked up at the moment",
            Refusal::InvalidProof => "The DPoP proof is not valid for this request",
            Refusal::UseNonce => "The DPoP proof needs a nonce of this server",
            Refusal::InsufficientAuthentication => "The request needs a stronger or more recent authentication",
            Refusal::Unauthenticated => "The request needs an access token",
        }
    }

    /// Returns the `error_description`: one for each `error`, and one more for an expired token, so that clients can
    /// compare it. The detail of the body may say more.
    pub(super) fn description(&self) -> &'static str {
        let is_malformed = matches!(self.refusal, Refusal::InvalidRequest | Refusal::AmbiguousAddress);
        if is_malformed { "The request is malformed" } else { self.detail() }
    }
}

impl From<VerifyError> for Refused {
    fn from(error: VerifyError) -> Self {
        let (reason, refusal) = (error.reason(), error.refusal());
        Self { verify_error: Some(Arc::new(error)), refusal, ..Self::because(reason) }
    }
}
