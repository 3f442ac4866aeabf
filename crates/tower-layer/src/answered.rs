//! The future of a service that perhaps was not called.

use std::pin::Pin;
use std::task::Context;
use std::task::Poll;

use bytes::Bytes;
use http::Response;
use pin_project_lite::pin_project;

use crate::respond::AuthBody;

pin_project! {
    /// The future of the inner service, or a response that is there.
    #[project = Projected]
    #[derive(Debug)]
    pub(crate) enum Answered<F> {
        /// The inner service was called.
        Inner { #[pin] future: F },
        /// It was not.
        Ready { response: Option<Response<Bytes>> },
    }
}

impl<F> Answered<F> {
    pub(crate) fn ready(response: Response<Bytes>) -> Self {
        Self::Ready { response: Some(response) }
    }
}

impl<F: Future<Output = Result<Response<B>, E>>, B, E> Future for Answered<F> {
    type Output = Result<Response<AuthBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project() {
            Projected::Inner { future } => future.poll(context).map_ok(AuthBody::inner),
            Projected::Ready { response } => {
                response.take().map_or(Poll::Pending, |response| Poll::Ready(Ok(AuthBody::own(response))))
            }
        }
    }
}
