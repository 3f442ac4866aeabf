//! The decision of the scope guard.

use std::sync::Arc;
use std::task::Context;
use std::task::Poll;

use bytes::Bytes;
use claviger_core::ScopePolicy;
use claviger_core::error::Reason;
use http::Request;
use http::Response;
use tower_service::Service;

use crate::authenticate::Authentication;
use crate::authorize::ResponseFuture;
use crate::respond;
use crate::respond::Refused;

/// Lets only requests through whose token meets a policy. See the [module docs](crate::authorize).
#[derive(Clone, Debug)]
pub struct RequireScope<S> {
    inner: S,
    policy: Arc<ScopePolicy>,
}

impl<S> RequireScope<S> {
    pub(crate) fn new(inner: S, policy: Arc<ScopePolicy>) -> Self {
        Self { inner, policy }
    }

    fn judge(&self, mark: &Authentication) -> Result<(), Refused> {
        let refused = match mark.token().map(|token| self.policy.decide(token)) {
            Some(Ok(())) => return Ok(()),
            Some(Err(_)) => Refused::because(Reason::InsufficientScope),
            None => Refused::because(Reason::MissingCredentials),
        };
        Err(refused.with_scope(self.policy.scopes().clone()).with_token(mark.token().cloned()))
    }
}

impl<S, B, R> Service<Request<B>> for RequireScope<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    R: From<Bytes>,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future, R>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let Some(mark) = request.extensions().get::<Authentication>() else {
            return ResponseFuture::refused(respond::missing_layer("RequireScopeLayer"));
        };
        match self.judge(mark) {
            Ok(()) => ResponseFuture::inner(self.inner.call(request)),
            Err(refused) => ResponseFuture::refused(respond::answer(mark.config().settings(), refused)),
        }
    }
}
