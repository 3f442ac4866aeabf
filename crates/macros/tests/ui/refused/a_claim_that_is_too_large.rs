use claviger::require_scope;

#[require_scope(claim(level = 18446744073709551616))]
async fn handler() {}

fn main() {}
