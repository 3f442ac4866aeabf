//! What this process holds in memory.

use std::fs;

/// In KiB, as Linux tells it.
///
/// # Panics
///
/// Where it is not told.
#[must_use]
pub fn resident_kib() -> usize {
    let status = fs::read_to_string("/proc/self/status").expect("Linux tells it here");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("it is one of the lines");
    line.split_whitespace().next().and_then(|size| size.parse().ok()).expect("a number")
}
