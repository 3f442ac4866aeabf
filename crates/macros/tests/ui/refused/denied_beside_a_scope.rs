use claviger::require_scope;

#[require_scope("read:reports", denied)]
async fn handler() {}

fn main() {}
