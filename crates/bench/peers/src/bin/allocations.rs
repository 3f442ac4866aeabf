//! The program `allocations` of claviger-bench, for the peers.

use allocation_counter::measure;
use claviger_bench::program;

fn main() {
    claviger_bench_peers::with_groups(|groups| {
        program::allocations(groups, |run| {
            let info = measure(run);
            (info.count_total, info.bytes_total)
        });
    });
}
