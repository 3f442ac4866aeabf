use claviger::require_scope;

#[require_scope("read:reports")]
#[require_scope]
async fn handler() {}

fn main() {}
