use claviger::require_scope;

struct Reports;

#[require_scope("read:reports")]
impl Reports {
    async fn handler() {}
}

fn main() {}
