use claviger::require_scope;

#[require_scope(predicate(|token| true))]
async fn handler() {}

fn main() {}
