use claviger::require_scope;

#[require_scope(max_age = 1.5)]
async fn handler() {}

fn main() {}
