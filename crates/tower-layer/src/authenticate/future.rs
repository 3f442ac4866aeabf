//! The waiting, where there is any.

use std::fmt;
use std::mem;
use std::pin::Pin;
use std::task::Context;
use std::task::Poll;
use std::task::ready;

use bytes::Bytes;
use claviger_core::VerifiedToken;
use claviger_core::error::VerifyError;
use http::Request;
use http::Response;
use pin_project_lite::pin_project;
use tower_service::Service;

use crate::answered::Answered;
use crate::authenticate::service::Gate;
use crate::authenticate::service::told;
use crate::credentials::Place;
use crate::metadata;
use crate::metadata::FromMetadata;
use crate::respond::Added;
use crate::respond::AuthBody;

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
        added: Added,
        // Whether no response may pass but that of a layer that publishes metadata.
        only_metadata: bool,
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
    pub(crate) fn inner(future: S::Future, added: Added) -> Self {
        Self { added, ..Self::of(State::Answered { future: Answered::Inner { future } }) }
    }

    /// Of a request without a token, for a document that another layer may publish.
    pub(crate) fn document(future: S::Future) -> Self {
        Self { only_metadata: true, ..Self::of(State::Answered { future: Answered::Inner { future } }) }
    }

    pub(crate) fn answered(response: Response<Bytes>) -> Self {
        Self::of(State::Answered { future: Answered::ready(response) })
    }

    pub(crate) fn waiting(verification: Pending, place: Place, request: Request<B>, inner: S, gate: Gate) -> Self {
        let held = Some(Held { request, inner, gate });
        Self { place, ..Self::of(State::Waiting { verification, held }) }
    }

    fn of(state: State<S, B>) -> Self {
        Self { state, place: Place::default(), added: Added::default(), only_metadata: false }
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
        let (mut state, place, added, only_metadata) = (this.state, *this.place, this.added, *this.only_metadata);
        loop {
            let answered = match state.as_mut().project() {
                Projected::Answered { future } => {
                    return future.poll(context).map_ok(|mut response| {
                        if only_metadata && response.extensions().get::<FromMetadata>().is_none() {
                            return AuthBody::own(metadata::not_found());
                        }
                        mem::take(added).add_to(response.headers_mut());
                        response
                    });
                }
                Projected::Waiting { verification, held } => {
                    let verdict = ready!(verification.as_mut().poll(context));
                    match held.take() {
                        Some(held) => held.go_on(place, added, verdict),
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
        added: &mut Added,
        verdict: Result<VerifiedToken, VerifyError>,
    ) -> Answered<S::Future>
    where
        S: Service<Request<B>>,
        B: 'static,
    {
        match self.gate.mark(&mut self.request, place, told(verdict, place)) {
            Ok(passed) => {
                *added = passed;
                Answered::Inner { future: self.inner.call(self.request) }
            }
            Err(refused) => Answered::ready(self.gate.refuse(self.request, refused)),
        }
    }
}
