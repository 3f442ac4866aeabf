//! What requests and flights share, wait with and run on.
//!
//! A test of concurrency has `explored` in its place.

pub(super) use std::sync::Mutex;
pub(super) use std::sync::MutexGuard;
pub(super) use std::sync::atomic::AtomicU64;

pub(super) use arc_swap::ArcSwapOption;
pub(super) use tokio::runtime::Handle;
pub(super) use tokio::sync::watch;
pub(super) use tokio::time::sleep;
pub(super) use tokio::time::timeout;
