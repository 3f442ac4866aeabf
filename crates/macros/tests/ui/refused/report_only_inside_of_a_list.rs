use claviger::require_scope;

#[require_scope(any("read:reports", report_only))]
async fn handler() {}

fn main() {}
