use claviger::guarded;

struct Reports;

#[guarded("read:reports")]
impl Reports {
    #[claviger::require_scope("write:reports")]
    async fn handler() {}
}

fn main() {}
