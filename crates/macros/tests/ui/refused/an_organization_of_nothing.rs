use claviger::require_scope;

#[require_scope(organization())]
async fn handler() {}

fn main() {}
