use claviger::require_scope;

#[require_scope(organization("org_1", "org_2"))]
async fn handler() {}

fn main() {}
