use claviger::require_scope;

#[require_scope(organization("org_1"), organization("org_1"))]
async fn handler() {}

fn main() {}
