//! Which tokens a run is about.

use std::ops::Range;

/// A few at a time, round and round: runs are short, so that what is compared alternates faster than the machine's
/// mood, and yet no token comes back soon.
#[derive(Debug)]
pub(crate) struct Ring {
    len: usize,
    at: usize,
}

impl Ring {
    pub(crate) fn of(len: usize) -> Self {
        Self { len, at: 0 }
    }

    pub(crate) fn next(&mut self) -> Range<usize> {
        let part = self.at..(self.at + self.step()).min(self.len);
        self.at = if part.end == self.len { 0 } else { part.end };
        part
    }

    /// How many there are at a time.
    pub(crate) fn step(&self) -> usize {
        STEP.min(self.len)
    }

    /// Whether the next run begins anew.
    pub(crate) fn is_at_start(&self) -> bool {
        self.at == 0
    }
}

const STEP: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_token_has_its_turn_and_then_it_begins_anew() {
        let mut ring = Ring::of(2 * STEP);
        assert!(ring.is_at_start());
        assert_eq!(ring.next(), 0..STEP);
        assert!(!ring.is_at_start());
        assert_eq!(ring.next(), STEP..2 * STEP);
        assert!(ring.is_at_start());
    }
}
