use claviger::require_scope;

#[require_scope(any("read:reports", authenticated))]
async fn handler() {}

fn main() {}
