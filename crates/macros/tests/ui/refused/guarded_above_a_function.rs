use claviger::guarded;

#[guarded]
async fn handler() {}

fn main() {}
