use claviger::require_scope;

#[require_scope(any = "read:reports")]
async fn handler() {}

fn main() {}
