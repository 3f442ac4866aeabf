use claviger::require_scope;

#[axum::debug_handler]
#[require_scope("read:reports")]
async fn handler() {}

fn main() {}
