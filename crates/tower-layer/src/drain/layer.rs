//! The layer for services that answer without reading.

use std::pin::Pin;
use std::task::Context;
use std::task::Poll;
use std::task::ready;

use http::Request;
use http::Response;
use http_body::Body;
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use crate::drain::DrainSettings;
use crate::drain::UnreadBody;
use crate::drain::close_connection;
use crate::drain::drainer::Drainer;
use crate::drain::watched::Leftover;

/// Drains the bodies that the service behind it leaves unread, whatever it answers. See the [module docs](crate::drain).
///
/// ```
/// use axum::Router;
/// use axum::http::StatusCode;
/// use axum::routing::post;
/// use claviger::DrainUnread;
///
/// // Answers before anything of the upload is read.
/// let full = post(async || StatusCode::INSUFFICIENT_STORAGE);
/// let app: Router = Router::new().route("/files", full).layer(DrainUnread::default());
/// # let _ = app;
/// ```
#[derive(Clone, Debug)]
pub struct DrainUnread {
    drainer: Drainer,
}

impl DrainUnread {
    /// A layer with these limits, which all its services share. With a `max_time` of zero nothing is read.
    #[must_use]
    pub fn new(settings: DrainSettings) -> Self {
        Self { drainer: Drainer::new(settings) }
    }
}

impl Default for DrainUnread {
    fn default() -> Self {
        Self::new(DrainSettings::default())
    }
}

impl<S> Layer<S> for DrainUnread {
    type Service = DrainUnreadService<S>;

    fn layer(&self, inner: S) -> DrainUnreadService<S> {
        DrainUnreadService { inner, drainer: self.drainer.clone() }
    }
}

/// Drains the bodies that the service behind it leaves unread. See the [module docs](crate::drain).
#[derive(Clone, Debug)]
pub struct DrainUnreadService<S> {
    inner: S,
    drainer: Drainer,
}

impl<S, B, R> Service<Request<B>> for DrainUnreadService<S>
where
    S: Service<Request<UnreadBody<B>>, Response = Response<R>>,
    B: Body + Send + 'static,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future, B>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let (request, leftover) = UnreadBody::of(request, &self.drainer);
        ResponseFuture { future: self.inner.call(request), leftover }
    }
}

pin_project! {
    /// The future of [`DrainUnreadService`].
    #[derive(Debug)]
    pub struct ResponseFuture<F, B> {
        #[pin]
        future: F,
        leftover: Option<Leftover<Pin<Box<B>>>>,
    }
}

impl<F, B, R, E> Future for ResponseFuture<F, B>
where
    F: Future<Output = Result<Response<R>, E>>,
    B: Body + Send + 'static,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut response = ready!(this.future.poll(context));
        if let Ok(response) = &mut response
            && this.leftover.as_ref().is_some_and(Leftover::was_given_up)
        {
            close_connection(response.headers_mut());
        }
        Poll::Ready(response)
    }
}
