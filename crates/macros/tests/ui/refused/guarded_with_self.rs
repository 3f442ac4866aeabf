use claviger::guarded;

struct Reports;

#[guarded]
impl Reports {
    #[claviger::require_scope("read:reports")]
    async fn handler(self) {}
}

fn main() {}
