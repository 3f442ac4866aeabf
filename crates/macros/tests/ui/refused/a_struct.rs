use claviger::require_scope;

#[require_scope("read:reports")]
struct Reports;

fn main() {}
