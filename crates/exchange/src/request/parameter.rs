//! Parameters that the application adds.

use std::fmt;

use claviger_core::error::Problems;

use crate::request::check;

/// A parameter of the application's own; `Debug` tells its name alone.
#[derive(Clone)]
pub(super) struct Parameter {
    pub(super) name: String,
    pub(super) value: String,
}

impl Parameter {
    /// Checks all together, because one name can be there many times.
    pub(super) fn check_all(parameters: &[Self], problems: &mut Problems) {
        for (at, parameter) in parameters.iter().enumerate() {
            let is_same = |other: &Self| other.name == parameter.name;
            if parameters.iter().take(at).any(is_same) {
                continue;
            }
            check_name(&parameter.name, problems);
            check::repeated(&parameter.name, parameters.iter().filter(|other| is_same(other)).count(), problems);
        }
    }
}

impl fmt::Debug for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parameter").field("name", &self.name).finish_non_exhaustive()
    }
}

fn check_name(name: &str, problems: &mut Problems) {
    let bare = name.trim();
    if bare.is_empty() {
        problems.add("parameters", "must have names that are not blank");
    } else if RESERVED.iter().any(|reserved| bare.eq_ignore_ascii_case(reserved)) {
        problems.add(name, "is a reserved parameter name");
    } else if bare != name {
        problems.add(name, "must not begin or end with whitespace");
    }
}

/// What the request says itself, or what would say it once more.
const RESERVED: [&str; 21] = [
    "grant_type",
    "client_id",
    "client_secret",
    "client_assertion",
    "client_assertion_type",
    "subject_token",
    "subject_token_type",
    "requested_token_type",
    "actor_token",
    "actor_token_type",
    "subject_issuer",
    "audience",
    "aud",
    "resource",
    "resources",
    "resource_indicator",
    "scope",
    "connection",
    "login_hint",
    "organization",
    "assertion",
];
