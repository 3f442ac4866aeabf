use claviger::require_scope;

#[require_scope(report_only, "read:reports", report_only)]
async fn handler() {}

fn main() {}
