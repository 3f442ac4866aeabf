use claviger::require_scope;

#[require_scope(permission)]
async fn handler() {}

fn main() {}
