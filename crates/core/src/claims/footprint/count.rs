//! The bytes that were counted so far.

use std::cell::Cell;

/// The bytes that were counted so far.
#[derive(Default)]
pub(super) struct Count(Cell<usize>);

impl Count {
    pub(super) fn bytes(&self) -> usize {
        self.0.get()
    }

    /// A value of this type, wherever it stands: within another one, or in an allocation of its own (`Box`).
    pub(super) fn value<T>(&self) {
        self.add(size_of::<T>());
    }

    /// The text or bytes of an allocation of their own.
    pub(super) fn text(&self, length: usize) {
        if length > 0 {
            self.add(length + ALLOCATION);
        }
    }

    /// An element of a list. Together with its [value](Self::value) that is twice its size, which is what a list that
    /// grew by doubling holds at most.
    pub(super) fn element<T>(&self, is_first: bool) {
        self.add(size_of::<T>());
        if is_first && size_of::<T>() > 0 {
            let at_once = if size_of::<T>() <= 1024 { FIRST_ELEMENTS } else { 1 };
            self.add(at_once * size_of::<T>() + ALLOCATION);
        }
    }

    /// An entry of a map whose key and value have this size, as [`element`](Self::element): ordered maps and hash tables
    /// are as much as half empty.
    pub(super) fn entry(&self, size: usize, is_first: bool) {
        self.add(size);
        if is_first {
            self.add(FIRST_ENTRIES * size + ALLOCATION);
        }
    }

    fn add(&self, bytes: usize) {
        self.0.set(self.0.get().saturating_add(bytes));
    }
}

/// What an allocator needs beside each allocation, and what it rounds up.
const ALLOCATION: usize = 32;
/// For so many elements a `Vec` allocates room at first.
const FIRST_ELEMENTS: usize = 4;
/// Of so many entries a node of a `BTreeMap` consists.
const FIRST_ENTRIES: usize = 11;
