//! The same decision for programs without tower.

use bytes::Bytes;
use http::Request;
use http::Response;

use crate::authenticate::Authentication;
use crate::authenticate::Demanded;
use crate::authenticate::service::Gate;
use crate::authenticate::service::Judged;
use crate::authenticate::service::told;
use crate::config::AuthConfig;
use crate::respond;
use crate::respond::AnswerContext;
use crate::respond::Refused;

impl AuthConfig {
    /// Judges a request as [`AuthLayer`](crate::AuthLayer) does, for programs without tower: finds its credentials, Bearer
    /// or DPoP, and believes or refuses them. Whoever serves the request sends the nonce that
    /// [`next_nonce`](crate::VerifiedToken::next_nonce) may have, keeps the response out of shared caches, and reads what
    /// is left of the body of a refused request, as the layer would.
    ///
    /// ```
    /// use bytes::Bytes;
    /// use claviger::AuthConfig;
    /// use http::Request;
    /// use http::Response;
    ///
    /// async fn serve(cfg: &AuthConfig, request: Request<Bytes>) -> Response<Bytes> {
    ///     let auth = match cfg.verify_request(&request).await {
    ///         Ok(auth) => auth,
    ///         Err(refused) => return cfg.answer(refused, &request),
    ///     };
    ///     let subject = auth.token().and_then(|token| token.subject()).unwrap_or("anonymous");
    ///     Response::new(Bytes::from(format!("hello {subject}")))
    /// }
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// # let cfg = AuthConfig::new("https://tenant.example.com/", "https://api.example.com")?;
    /// assert_eq!(serve(&cfg, Request::new(Bytes::new())).await.status(), 401);
    /// # Ok::<(), claviger::error::ConfigError>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// What [`answer`](Self::answer) makes a response of.
    pub fn verify_request<B>(
        &self,
        request: &Request<B>,
    ) -> impl Future<Output = Result<Authentication, Refused>> + Send + use<B> {
        let gate = Gate::new(self.clone(), None, None);
        let (place, judged) = gate.judge(request);
        let context = AnswerContext::of(self.settings(), request);
        let demanded = Demanded::new(self.settings().granted.clone());
        async move {
            let verdict = match judged {
                Judged::Decided(verdict) => verdict,
                Judged::Waiting(verification) => told(verification.await, place),
            };
            let token = gate.pardon(place, verdict)?;
            Ok(Authentication::assertion(gate.into_config(), token, place, context, Vec::new(), demanded))
        }
    }

    /// The response to a request that was refused.
    #[must_use]
    pub fn answer<B>(&self, refused: Refused, request: &Request<B>) -> Response<Bytes> {
        respond::answer(self.settings(), refused, AnswerContext::of(self.settings(), request))
    }
}
