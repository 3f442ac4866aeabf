//! What `instructions.sh` runs under callgrind.

use claviger_bench::groups;
use claviger_bench::program;

fn main() {
    program::instructions(groups::decisions(TOKENS));
}

/// Two runs, the first of which warms up.
const TOKENS: usize = 40;
