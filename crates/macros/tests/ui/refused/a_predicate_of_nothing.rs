use claviger::require_scope;

#[require_scope(predicate())]
async fn handler() {}

fn main() {}
