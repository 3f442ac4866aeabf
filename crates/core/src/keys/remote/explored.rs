//! What [`runtime`](super::runtime) has, for a scheduler that tries orders of events: before each use of what is shared
//! it may let another task come first.
//!
//! All tasks run on one thread, so orders of memory are not explored.

use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::panic::resume_unwind;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use arc_swap::Guard;
use shuttle::future::AbortHandle;
use shuttle::future::JoinHandle;
use thiserror::Error;
use tokio::runtime::TryCurrentError;

pub(super) use shuttle::sync::Mutex;
pub(super) use shuttle::sync::MutexGuard;
pub(super) use shuttle::sync::atomic::AtomicU64;

#[derive(Debug)]
pub(super) struct ArcSwapOption<T>(arc_swap::ArcSwapOption<T>);

impl<T> ArcSwapOption<T> {
    pub(super) fn empty() -> Self {
        Self(arc_swap::ArcSwapOption::empty())
    }

    pub(super) fn load(&self) -> Guard<Option<Arc<T>>> {
        let_another_come_first();
        self.0.load()
    }

    pub(super) fn load_full(&self) -> Option<Arc<T>> {
        let_another_come_first();
        self.0.load_full()
    }

    pub(super) fn store(&self, value: Option<Arc<T>>) {
        let_another_come_first();
        self.0.store(value);
    }
}

pub(super) mod watch {
    use super::let_another_come_first;

    #[derive(Debug)]
    pub(in super::super) struct Sender<T>(tokio::sync::watch::Sender<T>);

    #[derive(Clone, Debug)]
    pub(in super::super) struct Receiver<T>(tokio::sync::watch::Receiver<T>);

    pub(in super::super) fn channel<T>(value: T) -> (Sender<T>, Receiver<T>) {
        let (sender, receiver) = tokio::sync::watch::channel(value);
        (Sender(sender), Receiver(receiver))
    }

    impl<T> Sender<T> {
        pub(in super::super) fn receiver_count(&self) -> usize {
            self.0.receiver_count()
        }

        pub(in super::super) fn subscribe(&self) -> Receiver<T> {
            Receiver(self.0.subscribe())
        }
    }

    impl<T> Drop for Sender<T> {
        fn drop(&mut self) {
            let_another_come_first();
        }
    }

    impl<T> Receiver<T> {
        pub(in super::super) async fn changed(&mut self) -> Result<(), tokio::sync::watch::error::RecvError> {
            let_another_come_first();
            self.0.changed().await
        }
    }
}

/// There is always a runtime.
#[derive(Debug)]
pub(super) struct Handle;

impl Handle {
    pub(super) fn try_current() -> Result<Self, TryCurrentError> {
        Ok(Self)
    }

    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) -> JoinHandle<()> {
        let mut task = Box::pin(task);
        let spawned = shuttle::future::spawn(std::future::poll_fn(move |context| {
            let polled = catch_unwind(AssertUnwindSafe(|| task.as_mut().poll(context)));
            polled.unwrap_or_else(|panic| if panic.is::<Broken>() { Poll::Ready(()) } else { resume_unwind(panic) })
        }));
        TASKS.lock().unwrap().push(spawned.abort_handle());
        spawned
    }

    /// Drops what was spawned, wherever it waits, as a runtime does that is shut down. How many there were.
    pub(super) fn drop_tasks() -> usize {
        let tasks = std::mem::take(&mut *TASKS.lock().unwrap());
        tasks.iter().for_each(AbortHandle::abort);
        tasks.len()
    }
}

shuttle::lazy_static! {
    static ref TASKS: std::sync::Mutex<Vec<AbortHandle>> = std::sync::Mutex::new(Vec::new());
}

/// What a task of a test panics with; any other panic is a failure of the test.
#[derive(Debug)]
pub(super) struct Broken;

/// When `patience` ends is for the scheduler to say, as nothing here takes time; the longest has no end.
pub(super) async fn timeout<F: Future>(patience: Duration, future: F) -> Result<F::Output, Elapsed> {
    if patience == Duration::MAX {
        return Ok(future.await);
    }
    let (mut future, mut timer) = (pin!(future), pin!(shuttle::future::spawn(async {})));
    std::future::poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Ok(output)),
        Poll::Pending => timer.as_mut().poll(context).map(|_| Err(Elapsed)),
    })
    .await
}

/// Nothing here takes time, so others come first as often as they like.
pub(super) async fn sleep(_: Duration) {
    shuttle::future::yield_now().await;
}

#[derive(Debug, Error)]
#[error("the deadline passed")]
pub(super) struct Elapsed;

fn let_another_come_first() {
    shuttle::thread::sleep(Duration::ZERO);
}
