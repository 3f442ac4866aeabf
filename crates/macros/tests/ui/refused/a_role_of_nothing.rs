use claviger::require_scope;

#[require_scope(role())]
async fn handler() {}

fn main() {}
