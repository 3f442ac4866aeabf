use claviger::require_scope;

#[require_scope(max_age = 0)]
async fn handler() {}

fn main() {}
