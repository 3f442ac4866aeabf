use claviger::require_scope;

#[require_scope(acr(2))]
async fn handler() {}

fn main() {}
