use claviger::require_scope;

#[require_scope(authenticated, "read:reports")]
async fn handler() {}

fn main() {}
