//! Section 4 of the contract: a refusal never loses its answer to an unread body.

mod layer;
mod limits;
mod loopback;
mod refused;

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::task::Context;
use std::task::Poll;
use std::task::ready;
use std::time::Duration;

use bytes::Bytes;
use http_body::Body;
use http_body::Frame;
use tokio::sync::oneshot;
use tokio::time::Instant;
use tokio::time::Sleep;
use tokio::time::sleep;

/// A body that comes in chunks, by the clock of the runtime.
pub(crate) struct Upload {
    left: u64,
    chunk: usize,
    every: Duration,
    next: Option<Pin<Box<Sleep>>>,
    read: Arc<AtomicU64>,
    _dropped: oneshot::Sender<()>,
}

/// What became of an upload.
#[derive(Debug)]
pub(crate) struct Fate {
    start: Instant,
    chunks: u64,
    read: Arc<AtomicU64>,
    dropped: oneshot::Receiver<()>,
}

impl Upload {
    /// This many chunks of this size, each after this time.
    pub(crate) fn of(chunks: u64, chunk: usize, every: Duration) -> (Self, Fate) {
        let (read, (sender, dropped)) = (Arc::new(AtomicU64::new(0)), oneshot::channel());
        let fate = Fate { start: Instant::now(), chunks, read: Arc::clone(&read), dropped };
        (Self { left: chunks, chunk, every, next: None, read, _dropped: sender }, fate)
    }

    /// A few chunks that are there as soon as somebody reads.
    pub(crate) fn at_once() -> (Self, Fate) {
        Self::of(4, 1000, Duration::ZERO)
    }
}

impl Fate {
    /// How many chunks were read so far.
    pub(crate) fn read(&self) -> u64 {
        self.read.load(Ordering::SeqCst)
    }

    pub(crate) fn is_dropped(&mut self) -> bool {
        self.dropped.try_recv() == Err(oneshot::error::TryRecvError::Closed)
    }

    /// How many chunks were read until it was dropped, and when that was.
    pub(crate) async fn end(mut self) -> (u64, Duration) {
        let _ = (&mut self.dropped).await;
        (self.read(), self.start.elapsed())
    }

    pub(crate) async fn assert_drained(self, case: &str) {
        let chunks = self.chunks;
        assert_eq!(self.end().await.0, chunks, "{case}");
    }

    pub(crate) async fn assert_untouched(self, case: &str) {
        assert_eq!(self.end().await.0, 0, "{case}");
    }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        if !self.every.is_zero() {
            let every = self.every;
            let next = self.next.get_or_insert_with(|| Box::pin(sleep(every)));
            ready!(next.as_mut().poll(context));
            self.next = None;
        }
        self.left -= 1;
        self.read.fetch_add(1, Ordering::SeqCst);
        Poll::Ready(Some(Ok(Frame::data(Bytes::from(vec![0; self.chunk])))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }
}
