use claviger::require_scope;

#[require_scope("lire:résumés")]
async fn handler() {}

fn main() {}
