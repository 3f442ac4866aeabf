//! What a token lacks.

use std::fmt;
use std::time::Duration;

use crate::claims::Scopes;
use crate::error::Reason;

/// What a policy demands and a token lacks.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Missing {
    scopes: Scopes,
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
    pub(super) fn scope(scope: &str) -> Self {
        Self { scopes: Scopes::new([scope]).unwrap_or_default(), ..Self::default() }
    }

    /// Something that no authorization server is asked for by a challenge, as the policy writes it.
    pub(super) fn other(what: impl fmt::Display) -> Self {
        Self { others: vec![what.to_string()], ..Self::default() }
    }

    pub(super) fn acr(values: &Scopes) -> Self {
        Self { step_up: Some(StepUp { acr_values: values.clone(), max_age: None }), ..Self::default() }
    }

    pub(super) fn age(max_age: Duration) -> Self {
        Self { step_up: Some(StepUp { acr_values: Scopes::default(), max_age: Some(max_age) }), ..Self::default() }
    }

    /// The scopes that the token lacks; of alternatives, those of each.
    #[must_use]
    pub fn scopes(&self) -> &Scopes {
        &self.scopes
    }

    /// What else is missing, as the policy writes it: permissions, roles, claims, predicates.
    pub fn others(&self) -> impl Iterator<Item = &str> {
        self.others.iter().map(String::as_str)
    }

    /// The authentication that would do, if a client can get all that is missing by one.
    #[must_use]
    pub fn step_up(&self) -> Option<&StepUp> {
        self.step_up.as_ref().filter(|_| self.is_obtainable())
    }

    /// [`Reason::InsufficientAuthentication`] where a stronger or more recent authentication helps, otherwise
    /// [`Reason::InsufficientScope`].
    #[must_use]
    pub fn reason(&self) -> Reason {
        if self.step_up().is_some() { Reason::InsufficientAuthentication } else { Reason::InsufficientScope }
    }

    /// Whether a challenge can tell a client how to get it.
    fn is_obtainable(&self) -> bool {
        self.others.is_empty()
    }

    /// All of it is needed.
    pub(super) fn and(mut self, other: Self) -> Self {
        self.scopes.extend(&other.scopes);
        self.others.extend(other.others);
        self.step_up = match (self.step_up, other.step_up) {
            (Some(one), Some(two)) => Some(one.and(&two)),
            (one, two) => one.or(two),
        };
        self
    }

    /// One of them would do. The first that a client can get decides what it is told to do; scopes are named of all.
    pub(super) fn least(alternatives: Vec<Self>) -> Self {
        let nearest = alternatives.iter().find(|missing| missing.is_obtainable());
        let step_up = nearest.and_then(|missing| missing.step_up.clone());
        let is_obtainable = nearest.is_some();
        let mut least = alternatives.into_iter().fold(Self::default(), Self::and);
        least.step_up = step_up;
        if is_obtainable {
            least.others.clear();
        }
        least
    }
}

impl StepUp {
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

    fn and(mut self, other: &Self) -> Self {
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
