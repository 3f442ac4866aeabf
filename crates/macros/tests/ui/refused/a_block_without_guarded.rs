use claviger::require_scope;

struct Reports;

impl Reports {
    #[require_scope("read:reports")]
    async fn handler() {}
}

fn main() {}
