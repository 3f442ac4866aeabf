use claviger::require_scope;

#[require_scope("read:reports", role("admin"), "read:reports")]
async fn handler() {}

fn main() {}
