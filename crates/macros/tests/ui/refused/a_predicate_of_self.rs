use claviger::require_scope;

#[require_scope(predicate(Self::is_staff))]
async fn handler() {}

fn main() {}
