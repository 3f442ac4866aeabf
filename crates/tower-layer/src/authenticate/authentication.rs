//! The mark that the layer leaves on a request.

use claviger_core::TokenScheme;
use claviger_core::VerifiedToken;

use crate::authenticate::Demanded;
use crate::authenticate::Forget;
use crate::config::AuthConfig;
use crate::credentials::Place;
use crate::drain::AxumLeftover;
use crate::respond::AnswerContext;

/// The mark that [`AuthLayer`](crate::AuthLayer) leaves in the extensions of a request it lets through.
///
/// Only the layer makes one, so its absence tells that no layer stands before a guard or a handler.
#[derive(Clone, Debug)]
pub struct Authentication {
    config: AuthConfig,
    token: Option<VerifiedToken>,
    /// Where the token stood.
    place: Place,
    /// How a refusal of this request is answered.
    #[cfg_attr(not(feature = "axum"), expect(dead_code, reason = "only handlers of axum ask the mark for more"))]
    context: AnswerContext,
    /// One for each claims type that stands beside it in the extensions.
    claims: Vec<Forget>,
    /// What guards have demanded so far.
    demanded: Demanded,
    /// What is left of the body when an extractor or a handler refuses.
    leftover: Option<AxumLeftover>,
}

impl Authentication {
    /// The one constructor: whoever calls it asserts that the layer of `config` lets the request through.
    pub(crate) fn assertion(
        config: AuthConfig,
        token: Option<VerifiedToken>,
        place: Place,
        context: AnswerContext,
        claims: Vec<Forget>,
        demanded: Demanded,
    ) -> Self {
        Self { config, token, place, context, claims, demanded, leftover: None }
    }

    pub(super) fn with_leftover(self, leftover: Option<AxumLeftover>) -> Self {
        Self { leftover, ..self }
    }

    #[cfg(feature = "axum")]
    pub(crate) fn leftover(&self) -> Option<&AxumLeftover> {
        self.leftover.as_ref()
    }

    /// The same, for a handler that is reached in this context; what stands between may translate protocols.
    #[cfg(feature = "axum")]
    pub(crate) fn reached_in(self, context: AnswerContext) -> Self {
        Self { context, ..self }
    }

    #[cfg(feature = "axum")]
    pub(crate) fn context(&self) -> AnswerContext {
        self.context
    }

    /// The token of the request; `None` if it is anonymous.
    #[must_use]
    pub fn token(&self) -> Option<&VerifiedToken> {
        self.token.as_ref()
    }

    /// The scheme by which the token came in `Authorization`; `None` if the request is anonymous, or its token from a place
    /// without a scheme. What the token is bound to, and was shown, is told by [`VerifiedToken::key_thumbprint`] and
    /// [`VerifiedToken::certificate`].
    #[must_use]
    pub fn scheme(&self) -> Option<TokenScheme> {
        self.place.scheme()
    }

    pub(super) fn place(&self) -> Place {
        self.place
    }

    pub(super) fn into_parts(self) -> (Vec<Forget>, Demanded, Option<AxumLeftover>) {
        (self.claims, self.demanded, self.leftover)
    }

    pub(crate) fn demanded(&self) -> &Demanded {
        &self.demanded
    }

    pub(crate) fn config(&self) -> &AuthConfig {
        &self.config
    }
}
