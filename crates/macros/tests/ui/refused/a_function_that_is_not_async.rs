use claviger::require_scope;

#[require_scope("read:reports")]
fn handler() {}

fn main() {}
