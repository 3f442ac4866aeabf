use claviger::require_scope;

#[require_scope("read:reports" "write:reports")]
async fn handler() {}

fn main() {}
