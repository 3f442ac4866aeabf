use claviger::require_scope;

#[require_scope("read:reports")]
async fn handler(body: String) -> String {
    body.no_such_method()
}

fn main() {}
