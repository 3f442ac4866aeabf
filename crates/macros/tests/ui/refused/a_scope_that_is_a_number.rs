use claviger::require_scope;

#[require_scope(7)]
async fn handler() {}

fn main() {}
