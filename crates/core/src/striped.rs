//! One thing a few times over, so that threads do not wait for each other's processor caches.

use std::cell::Cell;
use std::num::NonZero;
use std::sync::LazyLock;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::thread;

use crossbeam_utils::CachePadded;

/// One thing as often as threads run at once, but not more often than [`MOST`].
#[derive(Debug)]
pub(crate) struct Striped<T> {
    stripes: Box<[CachePadded<T>]>,
}

impl<T: Default> Striped<T> {
    pub(crate) fn new() -> Self {
        Self { stripes: (0..*COUNT).map(|_| CachePadded::default()).collect() }
    }
}

impl<T> Striped<T> {
    /// The one of this thread, which few others have.
    pub(crate) fn own(&self) -> Option<&T> {
        let at = NUMBER.get().checked_rem(self.stripes.len())?;
        self.stripes.get(at).map(|stripe| &**stripe)
    }

    /// All of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.stripes.iter().map(|stripe| &**stripe)
    }
}

thread_local! {
    /// Threads are numbered in the order in which they come here.
    static NUMBER: Cell<usize> = Cell::new(NEXT.fetch_add(1, Ordering::Relaxed));
}

static NEXT: AtomicUsize = AtomicUsize::new(0);

/// Asked once, because the system may read files to tell it.
static COUNT: LazyLock<usize> = LazyLock::new(|| thread::available_parallelism().map_or(MOST, NonZero::get).min(MOST));

/// What so many threads share costs each of them little, and what there is more of is memory.
const MOST: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_finds_what_it_has_left_and_nothing_is_lost() {
        let counts = Striped::<AtomicUsize>::new();
        thread::scope(|scope| {
            for _ in 0..3 * MOST {
                scope.spawn(|| {
                    let mine = counts.own().unwrap();
                    mine.fetch_add(1, Ordering::Relaxed);
                    assert!(std::ptr::eq(mine, counts.own().unwrap()));
                });
            }
        });
        assert!((1..=MOST).contains(&counts.iter().count()));
        assert_eq!(counts.iter().map(|count| count.load(Ordering::Relaxed)).sum::<usize>(), 3 * MOST);
    }
}
