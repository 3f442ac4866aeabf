//! Requests through a router, without a network.

use std::convert::Infallible;
use std::fmt;

use axum::Router;
use axum::body::Body;
use axum::response::IntoResponse;
use axum::routing::RouterIntoService;
use axum::routing::get;
use futures_util::FutureExt;
use http::HeaderName;
use http::HeaderValue;
use http::Request;
use http::Response;
use http::StatusCode;
use http::Uri;
use http::header::AUTHORIZATION;
use tower_layer::Layer;
use tower_layer::layer_fn;
use tower_service::Service;

use crate::Freshness;
use crate::Work;
use crate::ring::Ring;

/// Requests with tokens, answered by a service that is ready at the first poll.
pub struct Route<S, B> {
    make: Box<dyn Fn() -> S>,
    service: S,
    requests: Vec<HeaderValue>,
    /// One for each of them, or none at all.
    proofs: Vec<HeaderValue>,
    freshness: Freshness,
    expected: StatusCode,
    body: fn() -> B,
    ring: Ring,
}

impl<S, B, R> Route<S, B>
where
    S: Service<Request<B>, Response = Response<R>, Error = Infallible>,
    B: Default,
{
    /// A request for each token, to what `make` makes.
    ///
    /// # Panics
    ///
    /// If a token was seen before and its answer had to be awaited.
    pub fn new(make: impl Fn() -> S + 'static, tokens: &[String], freshness: Freshness) -> Self {
        Self::presented(make, "Bearer", tokens, &[], freshness)
    }

    /// A request for each token, with its proof.
    pub(crate) fn by_dpop(
        make: impl Fn() -> S + 'static,
        tokens: &[String],
        proofs: &[String],
        freshness: Freshness,
    ) -> Self {
        Self::presented(make, "DPoP", tokens, proofs, freshness)
    }

    fn presented(
        make: impl Fn() -> S + 'static,
        scheme: &str,
        tokens: &[String],
        proofs: &[String],
        freshness: Freshness,
    ) -> Self {
        let field = |text: String| HeaderValue::from_maybe_shared(text).expect("a field value");
        let mut this = Self {
            service: make(),
            make: Box::new(make),
            requests: tokens.iter().map(|token| field(format!("{scheme} {token}"))).collect(),
            proofs: proofs.iter().cloned().map(field).collect(),
            freshness,
            expected: StatusCode::OK,
            body: B::default,
            ring: Ring::of(tokens.len()),
        };
        if freshness == Freshness::SeenBefore {
            for at in 0..this.requests.len() {
                this.answer(at);
            }
        }
        this
    }

    /// All are answered with another status than 200.
    #[must_use]
    pub fn expecting(self, expected: StatusCode) -> Self {
        Self { expected, ..self }
    }

    fn answer(&mut self, at: usize) -> StatusCode {
        let mut request = Request::new((self.body)());
        *request.uri_mut() = Uri::from_static("/reports");
        request.headers_mut().extend(self.requests.get(at).map(|field| (AUTHORIZATION, field.clone())));
        request.headers_mut().extend(self.proofs.get(at).map(|proof| (DPOP, proof.clone())));
        let answered = self.service.call(request).now_or_never().expect("nothing had to be awaited");
        answered.unwrap_or_else(|never| match never {}).status()
    }
}

impl<S, B, R> Work for Route<S, B>
where
    S: Service<Request<B>, Response = Response<R>, Error = Infallible>,
    B: Default,
{
    fn prepare(&mut self) {
        if self.freshness == Freshness::FirstSeen && self.ring.is_at_start() {
            self.service = (self.make)();
        }
    }

    fn run(&mut self) {
        for at in self.ring.next() {
            assert_eq!(self.answer(at), self.expected, "the answer to a token");
        }
    }

    fn tokens(&self) -> usize {
        self.ring.step()
    }
}

impl<S, B> fmt::Debug for Route<S, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Route").finish_non_exhaustive()
    }
}

/// The route with a layer that does nothing: what a request costs anyway.
#[must_use]
pub fn unguarded(tokens: &[String]) -> Route<RouterIntoService<Body>, Body> {
    Route::new(open, tokens, Freshness::SeenBefore)
}

pub(crate) fn open() -> RouterIntoService<Body> {
    guarded_by(layer_fn(Passing))
}

/// What answers behind every layer.
pub async fn handler() -> &'static str {
    "the reports"
}

/// `with_state`, because until then axum calls the layer for every request.
pub(crate) fn guarded_by<L>(layer: L) -> RouterIntoService<Body>
where
    L: Layer<axum::routing::Route> + Clone + Send + Sync + 'static,
    L::Service: Service<Request<Body>, Error = Infallible, Response: IntoResponse, Future: Send> + Clone + Send + Sync,
    L::Service: 'static,
{
    Router::new().route("/reports", get(handler)).layer(layer).with_state(()).into_service()
}

/// A layer's service that only passes on.
#[derive(Clone)]
struct Passing<S>(S);

impl<S: Service<T>, T> Service<T> for Passing<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut std::task::Context<'_>) -> std::task::Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: T) -> S::Future {
        self.0.call(request)
    }
}

const DPOP: HeaderName = HeaderName::from_static("dpop");
