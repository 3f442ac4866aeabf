use claviger::require_scope;

#[require_scope(predicate("is_staff"))]
async fn handler() {}

fn main() {}
