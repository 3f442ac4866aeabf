use claviger::require_scope;

#[require_scope(permission(7))]
async fn handler() {}

fn main() {}
