//! The body of what the layers answer with.

use std::mem;
use std::pin::Pin;
use std::task::Context;
use std::task::Poll;

use bytes::Bytes;
use http::Response;
use http_body::Body;
use http_body::Frame;
use http_body::SizeHint;
use pin_project_lite::pin_project;

pin_project! {
    /// The response body of every layer of this crate: the body of the service behind it, or the layer's own answer.
    ///
    /// It is a body wherever `B` is one whose data are [`Bytes`], with the errors of `B`, so the layers stand around any
    /// service. Its default is empty, as some other layers ask of the bodies that they pass on.
    ///
    /// ```
    /// use claviger::AuthBody;
    /// use http_body::Body;
    /// use http_body_util::Full;
    /// use bytes::Bytes;
    ///
    /// let body = AuthBody::<Full<Bytes>>::default();
    /// assert!(body.is_end_stream());
    /// ```
    #[derive(Debug)]
    pub struct AuthBody<B> {
        #[pin]
        content: Content<B>,
    }
}

pin_project! {
    #[project = Projected]
    #[derive(Debug)]
    enum Content<B> {
        Inner { #[pin] body: B },
        Own { bytes: Bytes },
    }
}

impl<B> AuthBody<B> {
    /// The response of the service behind the layer.
    pub(crate) fn inner(response: Response<B>) -> Response<Self> {
        response.map(|body| Self { content: Content::Inner { body } })
    }

    /// A response of the layer itself.
    pub(crate) fn own(response: Response<Bytes>) -> Response<Self> {
        response.map(|bytes| Self { content: Content::Own { bytes } })
    }
}

impl<B> Default for AuthBody<B> {
    fn default() -> Self {
        Self { content: Content::Own { bytes: Bytes::new() } }
    }
}

impl<B: Body<Data = Bytes>> Body for AuthBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        match self.project().content.project() {
            Projected::Inner { body } => body.poll_frame(context),
            Projected::Own { bytes } if bytes.is_empty() => Poll::Ready(None),
            Projected::Own { bytes } => Poll::Ready(Some(Ok(Frame::data(mem::take(bytes))))),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.content {
            Content::Inner { body } => body.is_end_stream(),
            Content::Own { bytes } => bytes.is_empty(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.content {
            Content::Inner { body } => body.size_hint(),
            Content::Own { bytes } => SizeHint::with_exact(bytes.len() as u64),
        }
    }
}
