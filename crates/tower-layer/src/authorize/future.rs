//! The future of the scope guard, which never waits itself.

use std::pin::Pin;
use std::task::Context;
use std::task::Poll;

use http::Response;
use pin_project_lite::pin_project;

use crate::answered::Answered;

pin_project! {
    /// The future of [`RequireScope`](crate::authorize::RequireScope).
    #[derive(Debug)]
    pub struct ResponseFuture<F, R> {
        #[pin]
        state: Answered<F, R>,
    }
}

impl<F, R> ResponseFuture<F, R> {
    pub(crate) fn inner(future: F) -> Self {
        Self { state: Answered::Inner { future } }
    }

    pub(crate) fn refused(response: Response<R>) -> Self {
        Self { state: Answered::ready(response) }
    }
}

impl<F: Future<Output = Result<Response<R>, E>>, R, E> Future for ResponseFuture<F, R> {
    type Output = Result<Response<R>, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.project().state.poll(context)
    }
}
