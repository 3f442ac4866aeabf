use claviger::require_scope;
use claviger::routes::Routes;
use claviger::routes::get;

#[require_scope("read reports")]
async fn handler() {}

fn routes() -> Routes {
    Routes::new().route("/reports", get(handler))
}

fn main() {}
