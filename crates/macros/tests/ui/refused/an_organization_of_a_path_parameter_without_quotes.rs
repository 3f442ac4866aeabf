use claviger::require_scope;

#[require_scope(organization(path = org))]
async fn handler() {}

fn main() {}
