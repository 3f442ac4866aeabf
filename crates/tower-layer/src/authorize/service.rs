//! The decision of the scope guard.

use std::task::Context;
use std::task::Poll;

use claviger_core::ScopePolicy;
use http::Request;
use http::Response;
use tower_service::Service;

use crate::authenticate::Authentication;
use crate::authorize::Enforcement;
use crate::authorize::ResponseFuture;
use crate::authorize::guard;
use crate::respond;
use crate::respond::AnswerContext;
use crate::respond::AuthBody;
use crate::respond::GrpcAnswers;
use crate::respond::Wire;

/// Lets only requests through whose token meets a policy. See the [module docs](crate::authorize).
#[derive(Clone, Debug)]
pub struct RequireScope<S> {
    inner: S,
    policy: ScopePolicy,
    enforcement: Enforcement,
    grpc: GrpcAnswers,
}

impl<S> RequireScope<S> {
    pub(crate) fn new(inner: S, policy: ScopePolicy, enforcement: Enforcement, grpc: GrpcAnswers) -> Self {
        Self { inner, policy, enforcement, grpc }
    }
}

impl<S, B, R> Service<Request<B>> for RequireScope<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    B: 'static,
{
    type Response = Response<AuthBody<R>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let Some(mark) = request.extensions().get::<Authentication>() else {
            return ResponseFuture::refused(respond::missing_layer(
                "RequireScopeLayer",
                Wire::of_request(&request, self.grpc),
            ));
        };
        match guard::decide(&self.policy, self.enforcement, mark, request.extensions()) {
            Ok(()) => ResponseFuture::inner(self.inner.call(request)),
            Err(refused) => {
                let config = mark.config().clone();
                let settings = config.settings();
                let context = AnswerContext::of(settings, &request);
                let context = context.closing(settings.drainer.refuse(request));
                ResponseFuture::refused(respond::answer(settings, refused, context))
            }
        }
    }
}
