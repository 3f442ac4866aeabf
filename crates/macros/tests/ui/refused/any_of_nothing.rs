use claviger::require_scope;

#[require_scope("read:reports", any())]
async fn handler() {}

fn main() {}
