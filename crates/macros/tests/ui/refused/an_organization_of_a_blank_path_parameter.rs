use claviger::require_scope;

#[require_scope(organization(path = ""))]
async fn handler() {}

fn main() {}
