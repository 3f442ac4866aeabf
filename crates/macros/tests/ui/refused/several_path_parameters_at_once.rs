use claviger::require_scope;

#[require_scope(path(tenant = "tenant_id", name = "sub"))]
async fn handler() {}

fn main() {}
