//! The tasks that read bodies and drop what they read.

use std::any::Any;
use std::future::poll_fn;
#[cfg(feature = "axum")]
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::task::Context;
use std::task::Poll;
use std::task::ready;

use http::Request;
use http::Version;
use tokio::runtime::Handle;
use tokio::time::Instant;
use tokio::time::timeout;

use crate::drain::AxumLeftover;
use crate::drain::DrainBody;
use crate::drain::DrainSettings;
use crate::drain::body::ErasedBody;
use crate::drain::plan::Plan;
use crate::drain::slots::Admitted;
use crate::drain::slots::Slots;
#[cfg(feature = "axum")]
use crate::drain::watched::Watched;

/// Reads the bodies of refused requests, within the limits of its settings.
#[derive(Clone, Debug)]
pub(crate) struct Drainer {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    settings: DrainSettings,
    slots: Mutex<Slots>,
}

impl Drainer {
    pub(crate) fn new(settings: DrainSettings) -> Self {
        let slots = Mutex::new(Slots::new(settings.max_count));
        Self { shared: Arc::new(Shared { settings, slots }) }
    }

    /// Reads the rest of a refused request in the background. Returns whether the connection has to be closed instead.
    pub(crate) fn refuse<B: 'static>(&self, request: Request<B>) -> bool {
        if !closes_early(request.version()) {
            return false;
        }
        let body_type =
            self.shared.settings.body_types.iter().find_map(|known| Some((known, known.is_drained(request.body())?)));
        if let Some((_, true)) = body_type {
            return false;
        }
        let plan = self.plan(&request);
        if plan.closes_unread() {
            return true;
        }
        let mut body = Some(request.into_body());
        if let Some(body) = body_type.and_then(|(known, _)| known.take(&mut body as &mut dyn Any)) {
            self.drain(body);
        }
        false
    }

    /// Replaces a body of axum by one whose rest is drained once the request is refused. `None` where there is no such body,
    /// or nothing to drain.
    #[cfg(feature = "axum")]
    pub(crate) fn watch<B: 'static>(&self, request: &mut Request<B>) -> Option<AxumLeftover> {
        use axum::body::Body;
        use http_body::Body as _;

        let version = request.version();
        let body = (request.body_mut() as &mut dyn Any).downcast_mut::<Body>()?;
        if body.is_end_stream() || !closes_early(version) {
            return None;
        }
        let body = mem::take(body);
        let watched = Watched::new(body, self.plan(request), self.clone());
        let leftover = watched.leftover();
        *(request.body_mut() as &mut dyn Any).downcast_mut::<Body>()? = Body::new(watched);
        Some(leftover)
    }

    #[cfg(not(feature = "axum"))]
    pub(crate) fn watch<B>(&self, _: &mut Request<B>) -> Option<AxumLeftover> {
        None
    }

    pub(super) fn plan<B>(&self, request: &Request<B>) -> Plan {
        Plan::of(request.headers(), self.shared.settings.max_bytes)
    }

    /// Reads this body in the background, if a runtime of tokio is there to read it.
    pub(super) fn drain(&self, body: ErasedBody) {
        let Ok(runtime) = Handle::try_current() else { return };
        let Some(admitted) = self.shared.slots().admit(Instant::now()) else { return };
        runtime.spawn(Draining { shared: Arc::clone(&self.shared), admitted }.run(body));
    }
}

/// Servers of HTTP/1.x close a connection whose request was not read to its end, and what the client sends then makes its
/// system drop the answer. HTTP/2 and later end one stream alone.
pub(super) fn closes_early(version: Version) -> bool {
    version <= Version::HTTP_11
}

impl Shared {
    fn slots(&self) -> MutexGuard<'_, Slots> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One body while it is read. Its place is free again when this is dropped, in whatever way.
struct Draining {
    shared: Arc<Shared>,
    admitted: Admitted,
}

impl Draining {
    async fn run(mut self, mut body: ErasedBody) {
        let max_time = self.shared.settings.max_time;
        let mut left = self.shared.settings.max_bytes;
        let read = poll_fn(|context| self.poll(body.as_mut(), &mut left, context));
        // Whether time, bytes or the body ended: it is dropped now, and the server closes the connection if it has to.
        let _ = timeout(max_time, read).await;
    }

    fn poll(&mut self, mut body: Pin<&mut dyn DrainBody>, left: &mut u64, context: &mut Context<'_>) -> Poll<()> {
        // A body that is always ready must leave the thread to others, and to the clock.
        for _ in 0..FRAMES_AT_ONCE {
            if Pin::new(&mut self.admitted.stopped).poll(context).is_ready() {
                return Poll::Ready(());
            }
            let Some(bytes) = ready!(body.as_mut().poll_drain(context)) else { return Poll::Ready(()) };
            self.shared.slots().received(self.admitted.id, bytes, Instant::now());
            match left.checked_sub(bytes) {
                Some(rest) => *left = rest,
                None => return Poll::Ready(()),
            }
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

impl Drop for Draining {
    fn drop(&mut self) {
        self.shared.slots().remove(self.admitted.id);
    }
}

const FRAMES_AT_ONCE: usize = 32;
