use claviger::guarded;

trait Handlers {
    async fn handler();
}

struct Reports;

#[guarded]
impl Handlers for Reports {
    #[claviger::require_scope("read:reports")]
    async fn handler() {}
}

fn main() {}
