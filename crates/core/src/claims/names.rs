//! Sets of names, such as roles, wherever an issuer puts them.

use crate::claims::find;
use crate::issuer::ClaimPath;
use crate::issuer::Form;
use crate::token::json;

/// Whether `name` is one of those at `path`. What has another form holds none.
pub(crate) fn contains(payload: &str, path: &ClaimPath, name: &str) -> bool {
    let found = path.members.iter().try_fold(payload, |within, member| find(within, member).ok());
    match (found, path.form) {
        (None, _) => false,
        (Some(raw), Form::Elements) => has_element(raw, name),
        (Some(raw), Form::Names) => find_name(raw, name),
    }
}

/// An array of strings, or one string that is its only element; anything else has none.
fn has_element(raw: &str, element: &str) -> bool {
    if let Some(only) = json::string(raw) {
        return only == element;
    }
    let (mut is_there, mut are_all_texts) = (false, true);
    let read = json::elements(raw, |value| match json::string(value) {
        Some(text) => is_there |= text == element,
        None => are_all_texts = false,
    });
    read.is_some() && is_there && are_all_texts
}

fn find_name(raw: &str, name: &str) -> bool {
    let mut is_there = false;
    let read = json::object(raw, |member, _| is_there |= member == name);
    read.is_ok() && is_there
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAYLOAD: &str = r#"{"roles":["a","b"],"role":"a","mixed":["a",1],"realm_access":{"roles":["admin"]},
        "resource_access":{"api":{"roles":["reader"]},"other":{"roles":["writer"]},"none":null},
        "urn:roles":{"owner":{"1":"acme"},"nobody":null}}"#;

    #[test]
    fn names_are_found_where_the_path_leads() {
        let elements = |path: &[&str], name| contains(PAYLOAD, &ClaimPath::elements(path.iter().copied()), name);
        for (path, name) in [
            (&["roles"][..], "b"),
            (&["role"], "a"),
            (&["realm_access", "roles"], "admin"),
            (&["resource_access", "api", "roles"], "reader"),
        ] {
            assert!(elements(path, name), "{path:?}");
        }
        for (path, name) in [
            (&["roles"][..], "A"),
            (&["role"], "b"),
            (&["mixed"], "a"),
            (&["realm_access"], "roles"),
            (&["realm_access", "roles", "admin"], "admin"),
            (&["resource_access", "api", "roles"], "writer"),
            (&["resource_access", "none", "roles"], "reader"),
            (&["urn:roles"], "owner"),
            (&["nothing"], "a"),
            (&[], "roles"),
        ] {
            assert!(!elements(path, name), "{path:?}");
        }
        let names = |path: &[&str], name| contains(PAYLOAD, &ClaimPath::names(path.iter().copied()), name);
        assert!(names(&["urn:roles"], "owner") && names(&["urn:roles"], "nobody"));
        assert!(!names(&["urn:roles"], "1") && !names(&["roles"], "a") && !names(&["role"], "a"));
    }
}
