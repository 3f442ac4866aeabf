use claviger::require_scope;

#[require_scope(acr("gold", "gold"))]
async fn handler() {}

fn main() {}
