//! For axum handlers: the caller, and what can be had in the caller's name.

use axum::extract::FromRef;
use axum::extract::FromRequestParts;
use axum::response::IntoResponse;
use axum::response::Response;
use claviger::ScopePolicy;
use claviger::VerifiedToken;
use claviger::authenticate::Authentication;
use claviger::extract::Rejection;
use http::StatusCode;
use http::request::Parts;

use crate::answer::AccessToken;
use crate::client::Exchanger;
use crate::error::ExchangeError;
use crate::request::Connection;
use crate::request::OnBehalfOf;

/// An [`Exchanger`] bound to the token of the request, as an extractor. The exchanger is part of the router's state.
///
/// An anonymous request is refused like one without credentials. The configuration of the layer must
/// [keep](claviger::AuthConfigBuilder::keep_presented_token) the text of the token; otherwise the answer is 500 and the
/// log says so.
///
/// ```
/// use axum::Router;
/// use axum::extract::FromRef;
/// use axum::routing::get;
/// use claviger_exchange::Caller;
/// use claviger_exchange::ClientAuthentication;
/// use claviger_exchange::ExchangeError;
/// use claviger_exchange::Exchanger;
/// use claviger_exchange::OnBehalfOf;
/// use claviger_exchange::TokenEndpoint;
///
/// async fn items(caller: Caller) -> Result<String, ExchangeError> {
///     let token = caller.on_behalf_of(&OnBehalfOf::new("https://inventory.example.com")).await?;
///     Ok(format!("a token for {} s", token.lifetime().as_secs()))
/// }
///
/// let endpoint = TokenEndpoint::of_issuer("https://tenant.example.com/");
/// let exchanger = Exchanger::builder(endpoint, ClientAuthentication::basic("reports", "a secret")).build()?;
/// let app: Router = Router::new().route("/items", get(items)).with_state(exchanger);
/// # let _ = app;
/// # Ok::<(), claviger::error::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Caller {
    exchanger: Exchanger,
    token: VerifiedToken,
}

impl Caller {
    /// The token of the request.
    #[must_use]
    pub fn token(&self) -> &VerifiedToken {
        &self.token
    }

    /// A token for another API in the caller's name. See [`Exchanger::on_behalf_of`].
    ///
    /// # Errors
    ///
    /// [`ExchangeError`].
    pub async fn on_behalf_of(&self, request: &OnBehalfOf) -> Result<AccessToken, ExchangeError> {
        self.exchanger.on_behalf_of(&self.token, request).await
    }

    /// A token of an upstream provider for the caller. See [`Exchanger::connection_token`].
    ///
    /// # Errors
    ///
    /// [`ExchangeError`].
    pub async fn connection_token(&self, connection: &Connection) -> Result<AccessToken, ExchangeError> {
        self.exchanger.connection_token(&self.token, connection).await
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller
where
    Exchanger: FromRef<S>,
{
    type Rejection = CallerRejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, CallerRejection> {
        let authentication =
            Authentication::from_request_parts(parts, state).await.map_err(CallerRejection::Refused)?;
        authentication.require(&ScopePolicy::authenticated()).map_err(CallerRejection::Refused)?;
        let token = authentication.token().filter(|token| token.presented_token().is_some()).cloned();
        let token = token.ok_or(CallerRejection::NotKept)?;
        Ok(Self { exchanger: Exchanger::from_ref(state), token })
    }
}

/// Why there is no [`Caller`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum CallerRejection {
    /// The request is anonymous, or no layer stands before the handler.
    Refused(Rejection),
    /// The text of the token was not kept.
    NotKept,
}

impl IntoResponse for CallerRejection {
    fn into_response(self) -> Response {
        match self {
            Self::Refused(rejection) => rejection.into_response(),
            Self::NotKept => {
                tracing::error!("`Caller` needs a layer whose configuration has `keep_presented_token`");
                plain(StatusCode::INTERNAL_SERVER_ERROR)
            }
        }
    }
}

/// The status, and for the log why.
impl IntoResponse for ExchangeError {
    fn into_response(self) -> Response {
        tracing::error!(error = %self, "a token could not be exchanged");
        plain(self.status())
    }
}

/// Nothing of the reason is the client's business.
fn plain(status: StatusCode) -> Response {
    (status, status.canonical_reason().unwrap_or_default()).into_response()
}
