use claviger::require_scope;

#[require_scope(claim("" = 7))]
async fn handler() {}

fn main() {}
