use claviger::require_scope;

#[require_scope(role("admin", "auditor"))]
async fn handler() {}

fn main() {}
