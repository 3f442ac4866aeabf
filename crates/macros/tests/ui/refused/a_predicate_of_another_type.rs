use claviger::require_scope;

fn is_staff(subject: &str) -> bool {
    subject == "alice"
}

#[require_scope(predicate(is_staff))]
async fn handler() {}

fn main() {}
