//! What is wrong with a configuration: everything at once, each with its path.

use std::error::Error;
use std::fmt;

/// A configuration that cannot be used, with every problem that was found.
///
/// ```
/// use claviger_core::Issuer;
/// use claviger_core::Verifier;
///
/// let error = Verifier::builder(Issuer::new("", "")).build().unwrap_err();
/// let paths: Vec<_> = error.problems().iter().map(|problem| problem.path()).collect();
/// assert_eq!(paths, ["issuers[0].issuer", "issuers[0].audience"]);
///
/// // `main` and `unwrap` print errors by `Debug`, so that is readable too.
/// assert_eq!(format!("{error:?}"), error.to_string());
/// ```
#[derive(Clone)]
pub struct ConfigError {
    problems: Vec<Problem>,
}

impl ConfigError {
    /// One problem alone, for a configuration that cannot even be read.
    #[must_use]
    pub fn of(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { problems: vec![Problem { path: path.into(), message: message.into() }] }
    }

    /// Every problem, in the order in which they were found.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the configuration is wrong")?;
        for problem in &self.problems {
            write!(f, "\n  {problem}")?;
        }
        Ok(())
    }
}

/// The same text as [`Display`](fmt::Display): it is what an operator sees when `main` returns this error.
impl fmt::Debug for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error for ConfigError {}

/// One thing that is wrong, and where.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Problem {
    path: String,
    message: String,
}

impl Problem {
    /// Where it stands, for example `issuers[0].audience`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What is wrong and what would be right.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.message)
    }
}

/// Collects problems while a configuration is checked.
///
/// ```
/// use claviger_core::error::Problems;
///
/// let mut problems = Problems::default();
/// problems.add("realm", "must not be empty");
/// assert_eq!(problems.into_result(()).unwrap_err().problems()[0].path(), "realm");
/// ```
#[derive(Clone, Debug, Default)]
pub struct Problems {
    found: Vec<Problem>,
}

impl Problems {
    /// Notes that what stands at `path` is wrong.
    pub fn add(&mut self, path: impl Into<String>, message: impl Into<String>) {
        self.found.push(Problem { path: path.into(), message: message.into() });
    }

    /// Takes over what another check has found.
    pub fn extend(&mut self, error: &ConfigError) {
        self.found.extend_from_slice(&error.problems);
    }

    /// Whether nothing was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// `value`, if nothing was found.
    ///
    /// # Errors
    ///
    /// All problems, if there are any.
    pub fn into_result<T>(self, value: T) -> Result<T, ConfigError> {
        if self.found.is_empty() { Ok(value) } else { Err(ConfigError { problems: self.found }) }
    }
}
