//! The members that an application adds to its metadata (RFC 9728, section 2).

use serde_json::Value;
use url::Url;

/// What is wrong with such a member, if anything is.
pub(super) fn problem(name: &str, value: &Value) -> Option<&'static str> {
    let (base, tag) = base_and_tag(name);
    if base.trim().is_empty() || tag.is_some_and(|tag| !is_language_tag(tag)) {
        return Some("must be a name, perhaps with a language tag (RFC 5646) behind `#`");
    }
    if DERIVED.contains(&base) {
        return Some("follows from the rest of the configuration");
    }
    if is_zero(value) {
        return Some("must have a value; leave it out instead (RFC 9728, section 3.2)");
    }
    match base {
        "resource_name" if !value.is_string() => Some("must be a string"),
        "resource_documentation" | "resource_policy_uri" | "resource_tos_uri" if !is_url(value, &["https", "http"]) => {
            Some("must be the URL of a page")
        }
        "jwks_uri" if !is_url(value, &["https"]) => Some("must be an https URL"),
        "resource_signing_alg_values_supported" if !are_algorithms(value) => {
            Some("must be a list of algorithms, and `none` is none")
        }
        _ => None,
    }
}

/// Whether it is in the registry that RFC 9728, section 8.1, begins, whatever its language.
pub(crate) fn is_registered(name: &str) -> bool {
    let (base, _) = base_and_tag(name);
    DERIVED.contains(&base) || ADDED.contains(&base)
}

/// The registered names that an application may set.
pub(crate) fn settable() -> [&'static str; 8] {
    ADDED
}

/// What stands behind `#` is a language.
fn base_and_tag(name: &str) -> (&str, Option<&str>) {
    name.split_once('#').map_or((name, None), |(base, tag)| (base, Some(tag)))
}

fn is_language_tag(tag: &str) -> bool {
    let is_subtag = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    tag.split('-').all(is_subtag)
}

fn is_zero(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(_) | Value::Number(_) => false,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(values) => values.is_empty(),
        Value::Object(members) => members.is_empty(),
    }
}

fn is_url(value: &Value, schemes: &[&str]) -> bool {
    let url = value.as_str().and_then(|text| Url::parse(text).ok());
    url.is_some_and(|url| schemes.contains(&url.scheme()))
}

fn are_algorithms(value: &Value) -> bool {
    let is_algorithm = |name: &Value| name.as_str().is_some_and(|name| name != "none");
    value.as_array().is_some_and(|names| names.iter().all(is_algorithm))
}

/// What the layer says of itself must be what it does.
const DERIVED: [&str; 7] = [
    "resource",
    "authorization_servers",
    "scopes_supported",
    "bearer_methods_supported",
    "dpop_bound_access_tokens_required",
    "dpop_signing_alg_values_supported",
    "tls_client_certificate_bound_access_tokens",
];

/// What else is registered.
const ADDED: [&str; 8] = [
    "jwks_uri",
    "resource_signing_alg_values_supported",
    "resource_name",
    "resource_documentation",
    "resource_policy_uri",
    "resource_tos_uri",
    "authorization_details_types_supported",
    "signed_metadata",
];
