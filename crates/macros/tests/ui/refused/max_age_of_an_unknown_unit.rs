use claviger::require_scope;

#[require_scope(max_age = "5 minutes")]
async fn handler() {}

fn main() {}
