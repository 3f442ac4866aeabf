use claviger::require_scope;

#[require_scope(max_age(300))]
async fn handler() {}

fn main() {}
