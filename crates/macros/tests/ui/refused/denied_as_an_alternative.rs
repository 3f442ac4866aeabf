use claviger::require_scope;

#[require_scope(any("read:reports", denied))]
async fn handler() {}

fn main() {}
