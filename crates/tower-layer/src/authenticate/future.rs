//! The waiting, where there is any.

use std::fmt;
use std::pin::Pin;
use std::task::Context;
use std::task::Poll;
use std::task::ready;

use bytes::Bytes;
use claviger_core::VerifiedToken;
use claviger_core::error::VerifyError;
use http::HeaderValue;
use http::Request;
use http::Response;
use pin_project_lite::pin_project;
use tower_service::Service;

use crate::answered::Answered;
use crate::authenticate::service::Gate;
use crate::authenticate::service::told;
use crate::credentials::Place;
use crate::respond;
use crate::respond::AuthBody;
use crate::respond::Wire;

/// A verification that waits for keys.
pub(crate) type Pending = Pin<Box<dyn Future<Output = Result<VerifiedToken, VerifyError>> + Send>>;

pin_project! {
    /// The future of [`Auth`](crate::authenticate::Auth).
    pub struct ResponseFuture<S, B>
    where
        S: Service<Request<B>>,
    {
        #[pin]
        state: State<S, B>,
        place: Place,
        nonce: Option<HeaderValue>,
    }
}

pin_project! {
    #[project = Projected]
    enum State<S, B>
    where
        S: Service<Request<B>>,
    {
        Answered { #[pin] future: Answered<S::Future> },
        Waiting { verification: Pending, held: Option<Held<S, B>> },
    }
}

/// What goes on when the verification is done.
struct Held<S, B> {
    request: Request<B>,
    inner: S,
    gate: Gate,
}

impl<S: Service<Request<B>>, B> ResponseFuture<S, B> {
    pub(crate) fn inner(future: S::Future, place: Place, nonce: Option<HeaderValue>) -> Self {
        Self { state: State::Answered { future: Answered::Inner { future } }, place, nonce }
    }

    pub(crate) fn answered(response: Response<Bytes>) -> Self {
        Self { state: State::Answered { future: Answered::ready(response) }, place: Place::default(), nonce: None }
    }

    pub(crate) fn waiting(verification: Pending, place: Place, request: Request<B>, inner: S, gate: Gate) -> Self {
        let held = Some(Held { request, inner, gate });
        Self { state: State::Waiting { verification, held }, place, nonce: None }
    }
}

impl<S, B, R> Future for ResponseFuture<S, B>
where
    S: Service<Request<B>, Response = Response<R>>,
    B: 'static,
{
    type Output = Result<Response<AuthBody<R>>, S::Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let (mut state, place, nonce) = (this.state, *this.place, this.nonce);
        loop {
            let answered = match state.as_mut().project() {
                Projected::Answered { future } => {
                    return future.poll(context).map_ok(|response| kept_from_others(response, place, nonce.take()));
                }
                Projected::Waiting { verification, held } => {
                    let verdict = ready!(verification.as_mut().poll(context));
                    match held.take() {
                        Some(held) => held.go_on(place, nonce, verdict),
                        None => return Poll::Pending,
                    }
                }
            };
            state.set(State::Answered { future: answered });
        }
    }
}

impl<S: Service<Request<B>>, B> fmt::Debug for ResponseFuture<S, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}

impl<S, B> Held<S, B> {
    fn go_on(
        mut self,
        place: Place,
        next: &mut Option<HeaderValue>,
        verdict: Result<VerifiedToken, VerifyError>,
    ) -> Answered<S::Future>
    where
        S: Service<Request<B>>,
        B: 'static,
    {
        match self.gate.mark(&mut self.request, place, told(verdict, place)) {
            Ok(nonce) => {
                *next = nonce;
                Answered::Inner { future: self.inner.call(self.request) }
            }
            Err(refused) => Answered::ready(self.gate.answer(refused, Wire::of(self.request.headers()))),
        }
    }
}

/// Caches know `Authorization` as credentials (RFC 9111, section 3.5), and nothing else.
fn kept_from_others<R>(mut response: Response<R>, place: Place, nonce: Option<HeaderValue>) -> Response<R> {
    if !matches!(place, Place::Authorization(_)) {
        respond::keep_private(response.headers_mut());
    }
    if let Some(nonce) = nonce {
        respond::tell_next(response.headers_mut(), nonce);
    }
    response
}
