//! What is guarded, as a list.

use std::fmt;

use claviger_core::ScopePolicy;

use crate::authorize::Enforcement;

/// Which routes there are and what they demand, in the order they were added.
///
/// As text, one line for each method of a route: for an application's test to compare, or for people to read.
#[derive(Clone, Debug, Default)]
pub struct RouteReport {
    entries: Vec<RouteEntry>,
}

/// One method of a route.
#[derive(Clone, Debug)]
pub struct RouteEntry {
    method: &'static str,
    path: String,
    access: Access,
}

/// Who may call a route.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_enums, reason = "a route is guarded or it is not")]
pub enum Access {
    /// Anybody, without a token.
    Open,
    /// Whose token meets the policy.
    Guarded {
        /// What is demanded.
        policy: ScopePolicy,
        /// Whether it is.
        enforcement: Enforcement,
    },
}

impl RouteReport {
    /// The routes, in order.
    pub fn iter(&self) -> impl Iterator<Item = &RouteEntry> {
        self.entries.iter()
    }

    pub(super) fn add(&mut self, method: &'static str, path: &str, access: Access) {
        self.entries.push(RouteEntry { method, path: path.to_owned(), access });
    }

    pub(super) fn append(&mut self, other: Self) {
        self.entries.extend(other.entries);
    }

    /// As axum joins the paths of nested routers.
    pub(super) fn nested_at(mut self, prefix: &str) -> Self {
        for entry in &mut self.entries {
            entry.path = match (prefix.ends_with('/'), entry.path.as_str()) {
                (true, path) => format!("{prefix}{}", path.trim_start_matches('/')),
                (false, "/") => prefix.to_owned(),
                (false, path) => format!("{prefix}{path}"),
            };
        }
        self
    }
}

impl RouteEntry {
    /// The method; `*` where each of the route's own is meant.
    #[must_use]
    pub fn method(&self) -> &str {
        self.method
    }

    /// The path, as axum writes it.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Who may call it.
    #[must_use]
    pub fn access(&self) -> &Access {
        &self.access
    }
}

impl fmt::Display for RouteReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.entries.iter().try_for_each(|entry| writeln!(f, "{entry}"))
    }
}

impl fmt::Display for RouteEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ", self.method, self.path)?;
        match &self.access {
            Access::Open => f.write_str("open"),
            Access::Guarded { policy, enforcement: Enforcement::Enforced } => policy.fmt(f),
            Access::Guarded { policy, enforcement: Enforcement::ReportOnly } => write!(f, "{policy}, report_only"),
        }
    }
}
