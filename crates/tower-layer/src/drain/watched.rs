//! A body whose rest is drained although whoever has it drops it.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::task::Context;
use std::task::Poll;
use std::task::ready;

use bytes::Buf;
use http_body::Body;
use http_body::Frame;
use http_body::SizeHint;

use crate::drain::drainer::Drainer;
use crate::drain::plan::Plan;

/// A body that leaves its rest behind when it is dropped: services drop bodies before they have answered, and extractors
/// before they have decided.
pub(super) struct Watched<B: Rest> {
    /// `None` once it was dropped.
    body: Option<B>,
    progress: Progress,
    leftover: Leftover<B>,
}

/// What a watched body must be.
pub(crate) trait Rest: Body<Data: Buf> + Send + Unpin + 'static {}

impl<B: Body + Send + Unpin + 'static> Rest for B {}

/// What is left of the body of one request, once it is dropped.
pub(crate) struct Leftover<B> {
    shared: Arc<Shared<B>>,
}

struct Shared<B> {
    drainer: Drainer,
    plan: Plan,
    state: Mutex<State<B>>,
}

struct State<B> {
    progress: Progress,
    is_refused: bool,
    is_dropped: bool,
    rest: Option<B>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Progress {
    Untouched,
    Begun,
    Ended,
}

impl<B: Rest> Watched<B> {
    pub(super) fn new(body: B, plan: Plan, drainer: Drainer) -> Self {
        let progress = Progress::Untouched;
        let state = State { progress, is_refused: false, is_dropped: false, rest: None };
        let shared = Shared { drainer, plan, state: Mutex::new(state) };
        Self { body: Some(body), progress, leftover: Leftover { shared: Arc::new(shared) } }
    }

    pub(super) fn leftover(&self) -> Leftover<B> {
        self.leftover.clone()
    }

    fn has_come_to(&mut self, progress: Progress) {
        if self.progress != progress {
            self.progress = progress;
            self.leftover.shared.state().progress = progress;
        }
    }
}

impl<B: Rest> Body for Watched<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        if self.progress == Progress::Untouched {
            self.has_come_to(Progress::Begun);
        }
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        let frame = ready!(Pin::new(&mut *body).poll_frame(context));
        if body.is_end_stream() || !matches!(frame, Some(Ok(_))) {
            self.has_come_to(Progress::Ended);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map(Body::size_hint).unwrap_or_default()
    }
}

impl<B: Rest> Drop for Watched<B> {
    fn drop(&mut self) {
        let Some(rest) = self.body.take().filter(|_| self.progress != Progress::Ended) else { return };
        let shared = &self.leftover.shared;
        let mut state = shared.state();
        state.is_dropped = true;
        if state.is_refused {
            drop(state);
            shared.drain(rest, self.progress);
        } else {
            state.rest = Some(rest);
        }
    }
}

impl<B: Rest> Leftover<B> {
    /// Drains what is left, now or when it is dropped. Returns whether the connection has to be closed instead.
    pub(crate) fn refuse(&self) -> bool {
        let mut state = self.shared.state();
        state.is_refused = true;
        let (rest, progress) = (state.rest.take(), state.progress);
        drop(state);
        if let Some(rest) = rest {
            self.shared.drain(rest, progress);
        }
        self.shared.closes(progress)
    }

    /// Whether the body was dropped before its end, and the connection has to be closed for it.
    pub(super) fn was_given_up(&self) -> bool {
        let state = self.shared.state();
        state.is_dropped && self.shared.closes(state.progress)
    }
}

impl<B> Shared<B> {
    fn state(&self) -> MutexGuard<'_, State<B>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn closes(&self, progress: Progress) -> bool {
        progress != Progress::Ended && self.plan.closes(progress == Progress::Begun)
    }
}

impl<B: Rest> Shared<B> {
    fn drain(&self, rest: B, progress: Progress) {
        if !self.closes(progress) {
            self.drainer.drain(Box::pin(rest));
        }
    }
}

impl<B> Clone for Leftover<B> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

impl<B> fmt::Debug for Leftover<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Leftover").finish_non_exhaustive()
    }
}
