use claviger::require_scope;

#[require_scope(path(tenant = tenant_id))]
async fn handler() {}

fn main() {}
