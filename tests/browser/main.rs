//! Pages of another origin call a guarded API from a real browser: Debian's chromium.
//!
//! What a page saw it sends to its own origin, where the test waits for it.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should stop there")]

mod bearer;
mod cors;
mod dpop;
mod origin;
mod visit;
