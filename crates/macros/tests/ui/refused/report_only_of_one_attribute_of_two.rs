use claviger::require_scope;

#[require_scope("read:reports")]
#[require_scope("write:reports", report_only)]
async fn handler() {}

fn main() {}
