use claviger::routes::Routes;
use claviger::routes::get;

async fn handler() {}

fn main() {
    let _: Routes = Routes::new().route("/", get(handler));
}
