use claviger::require_scope;

#[require_scope(read)]
async fn handler() {}

fn main() {}
