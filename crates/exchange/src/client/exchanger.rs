//! The exchange itself.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use claviger_core::HttpFetch;
use claviger_core::VerifiedToken;
use claviger_core::clock::Clock;
use http::HeaderValue;
use http::Method;
use http::Request;
use http::Response;
use http::header::ACCEPT;
use http::header::AUTHORIZATION;
use http::header::CONTENT_TYPE;
use secrecy::ExposeSecret;
use secrecy::SecretString;
use tokio::time::timeout;
use url::Url;

use crate::answer;
use crate::answer::AccessToken;
use crate::answer::Asked;
use crate::answer::ExchangedToken;
use crate::cache::Cache;
use crate::client::ClientAuthentication;
use crate::client::ExchangerBuilder;
use crate::client::ProofKey;
use crate::client::TokenEndpoint;
use crate::client::endpoint::Asking;
use crate::client::endpoint::Door;
use crate::client::endpoint::Endpoint;
use crate::error::ExchangeError;
use crate::request::Connection;
use crate::request::Form;
use crate::request::Grant;
use crate::request::OnBehalfOf;
use crate::request::TokenExchange;
use crate::secrets::Secrets;

/// Exchanges tokens at one token endpoint, as one client. Cloning is cheap; clones share cache, nonces and connections.
///
/// It must be used within a tokio runtime with I/O and time enabled.
#[derive(Clone)]
pub struct Exchanger {
    inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub(super) endpoint: Endpoint,
    pub(super) authentication: ClientAuthentication,
    pub(super) http: HttpFetch,
    pub(super) timeout: Duration,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) cache: Option<Cache>,
    pub(super) proof_key: Option<Arc<ProofKey>>,
}

impl Exchanger {
    /// Begins with what has no default: whom to ask, and who asks.
    pub fn builder(endpoint: TokenEndpoint, authentication: ClientAuthentication) -> ExchangerBuilder {
        ExchangerBuilder::new(endpoint, authentication)
    }

    pub(super) fn assemble(inner: Inner) -> Self {
        Self { inner: Arc::new(inner) }
    }

    /// Exchanges one token for another (RFC 8693, section 2).
    ///
    /// # Errors
    ///
    /// [`ExchangeError`]; where it is [`ExchangeError::Invalid`], nothing was sent.
    pub async fn exchange(&self, request: &TokenExchange) -> Result<ExchangedToken, ExchangeError> {
        self.tokens(request.form()?).await
    }

    /// A token for another API in the name of the caller, whose token was verified. The answer's ID and refresh tokens, if
    /// it has any, are dropped.
    ///
    /// # Errors
    ///
    /// [`ExchangeError`]; where it is [`ExchangeError::Invalid`], nothing was sent. So it is if the verifier did not
    /// [keep](claviger_core::VerifierBuilder::keep_presented_token) the text of the token.
    pub async fn on_behalf_of(
        &self,
        caller: &VerifiedToken,
        request: &OnBehalfOf,
    ) -> Result<AccessToken, ExchangeError> {
        self.tokens(request.form(caller)?).await.map(ExchangedToken::into_access_token)
    }

    /// A token of an upstream provider, for the caller whose token was verified (Auth0's token vault).
    ///
    /// # Errors
    ///
    /// As [`on_behalf_of`](Self::on_behalf_of).
    pub async fn connection_token(
        &self,
        caller: &VerifiedToken,
        connection: &Connection,
    ) -> Result<AccessToken, ExchangeError> {
        self.tokens(connection.form(caller.presented_token())?).await.map(ExchangedToken::into_access_token)
    }

    /// A token of an upstream provider, for an access token that was not verified here.
    ///
    /// # Errors
    ///
    /// [`ExchangeError`]; where it is [`ExchangeError::Invalid`], nothing was sent.
    pub async fn connection_token_of(
        &self,
        subject_token: &SecretString,
        connection: &Connection,
    ) -> Result<AccessToken, ExchangeError> {
        self.tokens(connection.form(Some(subject_token))?).await.map(ExchangedToken::into_access_token)
    }

    async fn tokens(&self, form: Form) -> Result<ExchangedToken, ExchangeError> {
        let Some(cache) = &self.inner.cache else {
            return self.inner.ask(form).await;
        };
        let (digest, inner) = (form.digest(), Arc::clone(&self.inner));
        cache.get_or_ask(digest, async move { inner.ask(form).await }).await
    }
}

impl fmt::Debug for Exchanger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchanger")
            .field("endpoint", &self.inner.endpoint)
            .field("authentication", &self.inner.authentication)
            .finish_non_exhaustive()
    }
}

impl Inner {
    async fn ask(&self, form: Form) -> Result<ExchangedToken, ExchangeError> {
        timeout(self.timeout, self.ask_for_ever(form)).await.unwrap_or(Err(ExchangeError::Deadline))
    }

    async fn ask_for_ever(&self, form: Form) -> Result<ExchangedToken, ExchangeError> {
        let door = if self.authentication.identity().is_some() { Door::MutualTls } else { Door::Plain };
        let asking = Asking { http: &self.http, clock: &*self.clock, deadline: self.timeout };
        let url = self.endpoint.url(&asking, door).await?;
        let proof_key = self.proof_key.as_ref().filter(|_| form.grant == Grant::TokenExchange);
        let mut answer = self.post(&form, &url, proof_key).await?;
        // RFC 9449, section 8: once more, with the nonce that the server wants to see.
        if let Some(key) = proof_key
            && key.learn(&url, answer.response.headers())
            && answer::wants_nonce(&answer.response)
        {
            answer = self.post(&form, &url, proof_key).await?;
            key.learn(&url, answer.response.headers());
        }
        let Posted { form, response } = answer;
        let secrets = || {
            let mut secrets = Secrets::default();
            self.authentication.add_secrets(&mut secrets);
            form.add_secrets(&mut secrets);
            secrets
        };
        let asked = Asked { form: &form, clock: &self.clock, proof_key, secrets: &secrets };
        answer::read(&response, &asked)
    }

    /// An assertion and a proof may be used once, so each try makes its own.
    async fn post(&self, form: &Form, url: &Url, key: Option<&Arc<ProofKey>>) -> Result<Posted, ExchangeError> {
        let form = self.authentication.sign_in(form.clone(), self.endpoint.audience(), &*self.clock)?;
        let content = form.encoded();
        let mut request = Request::post(url.as_str())
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(field) = self.authentication.field()? {
            request = request.header(AUTHORIZATION, field);
        }
        if let Some(key) = key {
            let proof = key.proof(&Method::POST, url, None)?;
            let proof = HeaderValue::from_str(proof.expose_secret());
            request = request.header("dpop", proof.map_err(|_| ExchangeError::Credentials("no field can hold them"))?);
        }
        let request = request.body(Bytes::copy_from_slice(content.as_bytes()));
        let request = request.map_err(|error| ExchangeError::Transport(error.to_string()))?;
        let response = self.http.send(request).await.map_err(|error| ExchangeError::of_fetch(&error))?;
        Ok(Posted { form, response })
    }
}

/// What was sent, and what came back.
struct Posted {
    form: Form,
    response: Response<Bytes>,
}
