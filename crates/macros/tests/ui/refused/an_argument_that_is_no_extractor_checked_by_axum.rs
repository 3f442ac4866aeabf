use claviger::require_scope;

#[require_scope("read:reports")]
#[axum::debug_handler]
async fn handler(_: u8) {}

fn main() {}
