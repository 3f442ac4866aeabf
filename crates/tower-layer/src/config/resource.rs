//! What a file says about the resource: its identifier, or a table with what people read about it.

use serde_json::Value;

use crate::config::section::Section;
use crate::metadata::Resource;
use crate::metadata::is_registered;

/// What the metadata say is checked when the configuration is built.
pub(super) fn read(root: &mut Section) -> Option<Resource> {
    match root.take("resource")? {
        Value::String(identifier) => Some(Resource::new(identifier)),
        Value::Object(members) => described(root.inner("resource".to_owned(), members)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => {
            root.problem("resource", "must be an identifier, or a table with the member `identifier`");
            None
        }
    }
}

fn described(mut table: Section) -> Option<Resource> {
    if !table.has("identifier") {
        table.problem("identifier", "is missing");
    }
    let identifier = table.text("identifier");
    let mut resource = Resource::new(identifier.as_deref().unwrap_or_default());
    if let Some(age) = table.duration("max_age") {
        resource = resource.with_max_age(age);
    }
    // A member of the application's own cannot be told from a misspelt one, and is for code.
    for (name, value) in table.take_those(is_registered) {
        resource = resource.add_member(name, value);
    }
    table.close();
    identifier.map(|_| resource)
}
