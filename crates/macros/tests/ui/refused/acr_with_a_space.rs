use claviger::require_scope;

#[require_scope(acr("gold silver"))]
async fn handler() {}

fn main() {}
