use claviger::require_scope;

#[require_scope(claim(level = -true))]
async fn handler() {}

fn main() {}
