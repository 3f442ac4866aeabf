use claviger::require_scope;

#[require_scope("read\"reports")]
async fn handler() {}

fn main() {}
