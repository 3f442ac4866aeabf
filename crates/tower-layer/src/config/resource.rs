//! What a file says about the resource: its identifier, or a table with what people read about it.

use serde_json::Value;

use crate::config::section::Section;
use crate::metadata::Resource;

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
    for (name, value) in table.take_those(is_registered) {
        resource = resource.add_member(name, value);
    }
    table.close();
    identifier.map(|_| resource)
}

/// Whatever its language. A member of the application's own cannot be told from a misspelt one, and is for code.
fn is_registered(name: &str) -> bool {
    let base = name.split_once('#').map_or(name, |(base, _)| base);
    REGISTERED.contains(&base)
}

/// Of the registry that RFC 9728, section 8.1, begins. Those that follow from the configuration are told where it is
/// checked.
const REGISTERED: [&str; 15] = [
    "resource",
    "authorization_servers",
    "jwks_uri",
    "scopes_supported",
    "bearer_methods_supported",
    "resource_signing_alg_values_supported",
    "resource_name",
    "resource_documentation",
    "resource_policy_uri",
    "resource_tos_uri",
    "tls_client_certificate_bound_access_tokens",
    "authorization_details_types_supported",
    "dpop_signing_alg_values_supported",
    "dpop_bound_access_tokens_required",
    "signed_metadata",
];
