use claviger::require_scope;

#[require_scope(scope("read:reports"))]
async fn handler() {}

fn main() {}
