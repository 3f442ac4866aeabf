//! What is measured side by side, in the order in which it is shown.

mod bound;
mod crowds;
mod first_seen;
mod refused;
mod seen_before;
mod threads;

use crate::Group;

/// A way to make a group; making it signs its tokens, so it is made only when it is measured.
pub type MakeGroup = Box<dyn FnOnce() -> Group>;

/// All groups.
#[must_use]
pub fn all() -> Vec<MakeGroup> {
    let mut groups = decisions(TOKENS);
    groups.extend(bound::groups(TOKENS));
    groups.extend(crowds::groups());
    groups.extend(threads::groups());
    groups
}

/// Decisions on single tokens, about so many of them.
#[must_use]
pub fn decisions(tokens: usize) -> Vec<MakeGroup> {
    let mut groups = first_seen::groups(tokens);
    groups.extend(seen_before::groups(tokens));
    groups.extend(refused::groups(tokens));
    groups
}

/// Few enough for the caches of a processor, so that what is compared is work and not memory.
const TOKENS: usize = 640;
/// Bytes of a usual token.
const USUAL: usize = 800;
/// Bytes of a token with many claims.
const LONG: usize = 4096;
