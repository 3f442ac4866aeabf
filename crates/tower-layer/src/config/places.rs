//! Where the tokens of an issuer have their roles and permissions: `roles_at`, `permissions_at`.

use claviger_core::ClaimPath;
use serde_json::Value;

use crate::config::section::Section;

/// One that stands alone may go without the list. `None` if nothing stands there, or nothing that could be read.
pub(super) fn read(table: &mut Section, name: &str) -> Option<Vec<ClaimPath>> {
    let values = match table.take(name)? {
        Value::Array(values) => values,
        one @ (Value::String(_) | Value::Object(_)) => vec![one],
        Value::Null | Value::Bool(_) | Value::Number(_) => {
            table.problem(name, "must be a list of places");
            return None;
        }
    };
    if values.is_empty() {
        table.problem(name, "must not be empty; leave it out instead");
        return None;
    }
    let many = values.len();
    let places: Vec<_> =
        values.into_iter().enumerate().filter_map(|(at, value)| place(table, name, at, value)).collect();
    (places.len() == many).then_some(places)
}

fn place(table: &Section, name: &str, at: usize, value: Value) -> Option<ClaimPath> {
    let name = format!("{name}[{at}]");
    let members = match value {
        Value::String(claim) => return Some(ClaimPath::elements([claim])),
        Value::Object(members) if members.contains_key("elements") != members.contains_key("names") => members,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            table.problem(&name, "must be a claim, { elements = [\"claim\", …] } or { names = [\"claim\", …] }");
            return None;
        }
    };
    let mut inner = table.inner(table.path_of(&name), members);
    let elements = inner.some_texts("elements").map(ClaimPath::elements);
    let names = inner.some_texts("names").map(ClaimPath::names);
    inner.close();
    elements.or(names)
}
