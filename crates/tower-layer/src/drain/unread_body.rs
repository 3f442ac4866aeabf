//! The request body behind the layer of its own.

use std::fmt;
use std::pin::Pin;
use std::task::Context;
use std::task::Poll;

use http::Request;
use http_body::Body;
use http_body::Frame;
use http_body::SizeHint;
use pin_project_lite::pin_project;

use crate::drain::drainer::Drainer;
use crate::drain::drainer::closes_early;
use crate::drain::watched::Leftover;
use crate::drain::watched::Watched;

pin_project! {
    /// The request body behind [`DrainUnread`](crate::DrainUnread), whose rest is drained when it is dropped.
    pub struct UnreadBody<B>
    where
        B: Body,
        B: Send,
        B: 'static,
    {
        #[pin]
        content: Content<B>,
    }
}

pin_project! {
    #[project = Projected]
    enum Content<B>
    where
        B: Body,
        B: Send,
        B: 'static,
    {
        /// There is nothing to read, or the connection goes on without that.
        Whole { #[pin] body: B },
        /// Boxed, because the rest is moved to the task that reads it.
        Watched { body: Watched<Pin<Box<B>>> },
    }
}

impl<B: Body + Send + 'static> UnreadBody<B> {
    /// A request with this body, and what can be asked about it later, if it is watched.
    #[expect(clippy::type_complexity, reason = "the request and the handle belong to one another")]
    pub(super) fn of(request: Request<B>, drainer: &Drainer) -> (Request<Self>, Option<Leftover<Pin<Box<B>>>>) {
        if !closes_early(request.version()) || request.body().is_end_stream() {
            return (request.map(|body| Self { content: Content::Whole { body } }), None);
        }
        let plan = drainer.plan(&request);
        let (parts, body) = request.into_parts();
        let body = Watched::new(Box::pin(body), plan, drainer.clone());
        let leftover = body.leftover();
        // Whatever the answer is, nobody reads the rest once the service has dropped it.
        leftover.refuse();
        (Request::from_parts(parts, Self { content: Content::Watched { body } }), Some(leftover))
    }
}

impl<B: Body + Send + 'static> Body for UnreadBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        match self.project().content.project() {
            Projected::Whole { body } => body.poll_frame(context),
            Projected::Watched { body } => Pin::new(body).poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.content {
            Content::Whole { body } => body.is_end_stream(),
            Content::Watched { body } => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.content {
            Content::Whole { body } => body.size_hint(),
            Content::Watched { body } => body.size_hint(),
        }
    }
}

impl<B: Body + Send + 'static> fmt::Debug for UnreadBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnreadBody").finish_non_exhaustive()
    }
}
