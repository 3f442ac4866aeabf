use claviger::require_scope;

#[require_scope(max_age)]
async fn handler() {}

fn main() {}
