use claviger::require_scope;

#[require_scope(b"read:reports")]
async fn handler() {}

fn main() {}
