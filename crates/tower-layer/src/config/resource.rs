//! What a file says about the resource: its identifier, or a table with what people read about it.

use claviger_core::Issuer;
use serde_json::Value;

use crate::config::section::Section;
use crate::metadata::Resource;
use crate::metadata::is_registered;
use crate::metadata::settable;

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
    settable().into_iter().for_each(|name| table.know(name));
    table.close();
    identifier.map(|_| resource)
}

/// An issuer whose audience is the resource but for the last slash.
pub(super) struct SlashApart {
    resource: String,
    issuer: String,
    audience: String,
}

/// Finds the issuers of which no audience is the resource itself, and one is but for the last slash: tokens that clients
/// get for the resource are then refused.
pub(super) fn differing_by_a_slash(resource: Option<&str>, issuers: &[Issuer]) -> Vec<SlashApart> {
    let Some(resource) = resource else { return Vec::new() };
    let without = |text: &str| text.strip_suffix('/').unwrap_or(text).to_owned();
    let apart = |issuer: &Issuer| {
        if issuer.audiences().any(|audience| audience == resource) {
            return None;
        }
        let audience = issuer.audiences().find(|audience| without(audience) == without(resource))?.to_owned();
        Some(SlashApart { resource: resource.to_owned(), issuer: issuer.identifier().to_owned(), audience })
    };
    issuers.iter().filter_map(apart).collect()
}

impl SlashApart {
    pub(super) fn warn(&self) {
        let Self { resource, issuer, audience } = self;
        tracing::warn!(
            resource,
            issuer,
            audience,
            "`resource` and the issuer's `audience` differ by their last slash alone: tokens that clients request for the \
             resource are refused; write both alike, or add the other spelling to `audience`"
        );
    }
}
