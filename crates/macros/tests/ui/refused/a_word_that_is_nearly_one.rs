use claviger::require_scope;

#[require_scope(permissions("reports"))]
async fn handler() {}

fn main() {}
