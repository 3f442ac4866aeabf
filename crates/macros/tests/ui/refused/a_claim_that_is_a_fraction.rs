use claviger::require_scope;

#[require_scope(claim(level = 1.5))]
async fn handler() {}

fn main() {}
