use claviger::require_scope;

#[require_scope(acr("gold\""))]
async fn handler() {}

fn main() {}
