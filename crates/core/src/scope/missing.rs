//! What a token lacks.

use std::fmt;
use std::time::Duration;

use crate::claims::Scopes;
use crate::error::Reason;

/// What a policy demands and a token lacks.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Missing {
    scopes: Scopes,
    sufficient: Scopes,
    others: Vec<String>,
    step_up: Option<StepUp>,
}

/// The authentication that a client has to bring its user to (RFC 9470, section 3).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct StepUp {
    acr_values: Scopes,
    max_age: Option<Duration>,
}

impl Missing {
    pub(super) fn new(scopes: Scopes, sufficient: Scopes, others: Vec<String>, step_up: Option<StepUp>) -> Self {
        Self { scopes, sufficient, others, step_up }
    }

    /// Returns the scopes that the token lacks; of alternatives, those of the one that lacks least.
    #[must_use]
    pub fn scopes(&self) -> &Scopes {
        &self.scopes
    }

    /// Returns a set of scopes that meets the policy, if the token has the [authentication](Self::step_up) that is missing
    /// as well: those that it lacks, and those of the policy that it has.
    #[must_use]
    pub fn sufficient_scopes(&self) -> &Scopes {
        &self.sufficient
    }

    /// What else is missing, as the policy writes it: permissions, roles, claims, predicates.
    pub fn others(&self) -> impl Iterator<Item = &str> {
        self.others.iter().map(String::as_str)
    }

    /// The authentication that would do, if a client can get all that is missing by one.
    #[must_use]
    pub fn step_up(&self) -> Option<&StepUp> {
        self.step_up.as_ref().filter(|_| self.others.is_empty())
    }

    /// Returns [`Reason::InsufficientScope`] where some set of scopes meets the policy, with the token's other claims as
    /// they are; [`Reason::InsufficientAuthentication`] where a stronger or more recent authentication is needed for that;
    /// otherwise [`Reason::Forbidden`], because clients would send the user to log in again, for nothing.
    #[must_use]
    pub fn reason(&self) -> Reason {
        if self.step_up().is_some() {
            Reason::InsufficientAuthentication
        } else if self.others.is_empty() && !self.scopes.is_empty() {
            Reason::InsufficientScope
        } else {
            Reason::Forbidden
        }
    }
}

impl StepUp {
    pub(super) fn with_acr(acr_values: Scopes) -> Self {
        Self { acr_values, max_age: None }
    }

    pub(super) fn within(max_age: Duration) -> Self {
        Self { acr_values: Scopes::default(), max_age: Some(max_age) }
    }

    /// `acr_values`: one of these is enough, the preferred one first; empty if any will do.
    #[must_use]
    pub fn acr_values(&self) -> &Scopes {
        &self.acr_values
    }

    /// `max_age`: how long ago the user may have authenticated; whole seconds.
    #[must_use]
    pub fn max_age(&self) -> Option<Duration> {
        self.max_age
    }

    /// What meets both.
    pub(super) fn and(mut self, other: &Self) -> Self {
        self.acr_values.extend(&other.acr_values);
        self.max_age = self.max_age.into_iter().chain(other.max_age).min();
        self
    }
}

/// For the log: names of the policy, nothing of the token.
impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scopes = self.scopes.iter().map(str::to_owned);
        let authentication = self.step_up.iter().map(ToString::to_string);
        let all: Vec<_> = scopes.chain(self.others.iter().cloned()).chain(authentication).collect();
        f.write_str(&all.join(", "))
    }
}

impl fmt::Display for StepUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let acr = Some(&self.acr_values).filter(|values| !values.is_empty()).map(|values| format!("acr of {values}"));
        let age = self.max_age.map(|age| format!("authenticated within {} s", age.as_secs()));
        f.write_str(&acr.into_iter().chain(age).collect::<Vec<_>>().join(", "))
    }
}
