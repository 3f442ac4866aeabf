use claviger::require_scope;

#[require_scope(path(tenant = ""))]
async fn handler() {}

fn main() {}
