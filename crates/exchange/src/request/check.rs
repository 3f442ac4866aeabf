//! What a value must be before it is sent.

use claviger_core::error::Problems;
use secrecy::ExposeSecret;
use secrecy::SecretString;
use url::Url;

/// A token, bare. The problem never tells what stands there.
pub(super) fn token(name: &'static str, token: &SecretString, problems: &mut Problems) {
    let token = token.expose_secret();
    let scheme = token.split(char::is_whitespace).next().unwrap_or_default();
    if token.is_empty() {
        problems.add(name, "must not be empty");
    } else if token.trim().is_empty() {
        problems.add(name, "must not be blank: it is whitespace only");
    } else if token.trim() != token {
        problems.add(name, "must not begin or end with whitespace");
    } else if scheme.len() < token.len() && ["bearer", "dpop"].contains(&scheme.to_ascii_lowercase().as_str()) {
        problems.add(name, "must be the bare token, without the prefix `Bearer` or `DPoP`");
    }
}

/// Words that are given must say something.
pub(super) fn text(name: &'static str, value: &str, problems: &mut Problems) {
    if value.trim().is_empty() {
        problems.add(name, "must not be blank");
    } else if value.trim() != value {
        problems.add(name, "must not begin or end with whitespace");
    }
}

/// The values of a parameter that may be repeated.
pub(super) fn repeated(name: &str, count: usize, problems: &mut Problems) {
    if count > MOST_VALUES {
        problems.add(name, format!("has {count} values, more than the maximum array size of {MOST_VALUES}"));
    }
}

/// RFC 8693, section 2.1; RFC 8707, section 2.
pub(super) fn resource(value: &str, problems: &mut Problems) {
    let is_plain = !value.contains(char::is_whitespace);
    if !is_plain || !Url::parse(value).is_ok_and(|url| url.fragment().is_none()) {
        problems.add("resource", "must be an absolute URI without fragment and white space");
    }
}

const MOST_VALUES: usize = 20;
