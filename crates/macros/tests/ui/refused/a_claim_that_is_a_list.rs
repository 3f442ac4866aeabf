use claviger::require_scope;

#[require_scope(claim(level = ["a"]))]
async fn handler() {}

fn main() {}
