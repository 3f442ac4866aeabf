//! What an application says about the resource that it is.

use std::time::Duration;

use serde_json::Value;

/// This API, as its metadata describe it: checked when the configuration is built.
///
/// # Defaults
///
/// The answer may be kept for an hour; it has no members but those that follow from the configuration: `resource`,
/// `authorization_servers`, `scopes_supported`, `bearer_methods_supported`, and what there is to say about DPoP and
/// certificates.
///
/// ```
/// use claviger::AuthConfig;
/// use claviger::Issuer;
/// use claviger::metadata::Resource;
///
/// let issuer = || Issuer::new("https://tenant.example.com/", "https://api.example.com/");
/// let resource = Resource::new("https://api.example.com/").with_name("Reports");
/// assert!(AuthConfig::builder(issuer()).with_resource(resource).build().is_ok());
///
/// let error = AuthConfig::builder(issuer()).with_resource("http://api.example.com").build().unwrap_err();
/// assert_eq!(error.problems()[0].path(), "resource");
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Resource {
    pub(super) identifier: String,
    pub(super) max_age: Duration,
    pub(super) members: Vec<(String, Value)>,
}

impl Resource {
    /// By its identifier (RFC 9728, section 1.2), which clients put into the `resource` of their token requests: an
    /// https URL (http for loopback hosts alone) with neither query nor fragment, written as URL parsers write it, which
    /// is without a default port, dot segments, and characters that must be percent-encoded.
    ///
    /// An origin alone is best written with its slash, `https://api.example.com/`, as the audience of the issuer too: two
    /// MCP SDKs append it, and the tokens that they get are for that.
    pub fn new(identifier: impl Into<String>) -> Self {
        Self { identifier: identifier.into(), max_age: MAX_AGE, members: Vec::new() }
    }

    /// What people call it: `resource_name`. In other languages: `add_member("resource_name#de", …)`.
    pub fn with_name(self, name: impl Into<String>) -> Self {
        self.with_member("resource_name", name)
    }

    /// A page for developers: `resource_documentation`.
    pub fn with_documentation(self, url: impl Into<String>) -> Self {
        self.with_member("resource_documentation", url)
    }

    /// A page about what clients may do with the data: `resource_policy_uri`.
    pub fn with_policy(self, url: impl Into<String>) -> Self {
        self.with_member("resource_policy_uri", url)
    }

    /// A page with the terms of service: `resource_tos_uri`.
    pub fn with_terms_of_service(self, url: impl Into<String>) -> Self {
        self.with_member("resource_tos_uri", url)
    }

    /// Any other member: those above with a language tag behind `#`, registered ones, or the application's own. Not
    /// those that follow from the configuration.
    pub fn add_member(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.members.push((name.into(), value.into()));
        self
    }

    /// How long clients and caches may keep the answer (RFC 9728, section 7.10), in whole seconds.
    pub fn with_max_age(mut self, max_age: Duration) -> Self {
        self.max_age = max_age;
        self
    }

    fn with_member(mut self, name: &str, value: impl Into<String>) -> Self {
        self.members.retain(|(other, _)| other != name);
        self.add_member(name, value.into())
    }
}

impl From<&str> for Resource {
    fn from(identifier: &str) -> Self {
        Self::new(identifier)
    }
}

impl From<String> for Resource {
    fn from(identifier: String) -> Self {
        Self::new(identifier)
    }
}

/// Long enough to spare requests, short enough that a new scope or issuer is soon known.
const MAX_AGE: Duration = Duration::from_secs(3600);
