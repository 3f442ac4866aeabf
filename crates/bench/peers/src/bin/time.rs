//! The program `time` of claviger-bench, for the peers.

use claviger_bench::program;

fn main() {
    claviger_bench_peers::with_groups(program::time);
}
