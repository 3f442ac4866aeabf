use claviger::guarded;

struct Reports;

#[guarded]
impl Reports {
    async fn handler() {}
}

fn main() {}
