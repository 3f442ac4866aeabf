use claviger::require_scope;

#[require_scope(claim())]
async fn handler() {}

fn main() {}
