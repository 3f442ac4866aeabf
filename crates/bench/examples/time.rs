//! How long decisions take: `cargo ratio [--rounds N] [GROUP…]`.

use claviger_bench::groups;
use claviger_bench::program;

fn main() {
    program::time(groups::all());
}
