//! How often decisions ask for memory: `cargo run --release -p claviger-bench --example allocations [GROUP…]`.
//!
//! Not in the program that takes the time, because an allocator that counts is a slower one.

use allocation_counter::measure;
use claviger_bench::groups;
use claviger_bench::program;

fn main() {
    program::allocations(groups::all(), |run| {
        let info = measure(run);
        (info.count_total, info.bytes_total)
    });
}
