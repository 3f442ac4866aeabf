//! The future of the scope guard, which never waits itself.

use std::pin::Pin;
use std::task::Context;
use std::task::Poll;

use bytes::Bytes;
use http::Response;
use pin_project_lite::pin_project;

use crate::answered::Answered;
use crate::respond::AuthBody;

pin_project! {
    /// The future of [`RequireScope`](crate::authorize::RequireScope).
    #[derive(Debug)]
    pub struct ResponseFuture<F> {
        #[pin]
        state: Answered<F>,
    }
}

impl<F> ResponseFuture<F> {
    pub(crate) fn inner(future: F) -> Self {
        Self { state: Answered::Inner { future } }
    }

    pub(crate) fn refused(response: Response<Bytes>) -> Self {
        Self { state: Answered::ready(response) }
    }
}

impl<F: Future<Output = Result<Response<R>, E>>, R, E> Future for ResponseFuture<F> {
    type Output = Result<Response<AuthBody<R>>, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.project().state.poll(context)
    }
}
