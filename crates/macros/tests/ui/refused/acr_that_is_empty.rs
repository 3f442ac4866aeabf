use claviger::require_scope;

#[require_scope(acr(""))]
async fn handler() {}

fn main() {}
