use claviger::require_scope;

#[require_scope(any("read:reports", all()))]
async fn handler() {}

fn main() {}
