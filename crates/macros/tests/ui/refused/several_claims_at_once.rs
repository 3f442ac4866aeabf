use claviger::require_scope;

#[require_scope(claim(org_id, level))]
async fn handler() {}

fn main() {}
