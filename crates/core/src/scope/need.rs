//! The tree of what is needed, and whether a token meets it.

use std::fmt;
use std::slice::from_ref;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::claims;
use crate::claims::Scopes;
use crate::token::json;
use crate::verifier::VerifiedToken;

/// One thing that is needed, or several of them.
#[derive(Clone, Debug)]
pub(super) enum Need {
    /// Each of them; of none, nothing is needed.
    All(Vec<Self>),
    /// One of them; of none, nothing is enough.
    Any(Vec<Self>),
    Scope(Box<str>),
    Permission(Box<str>),
    Role(Box<str>),
    Organization(Box<str>),
    OrganizationInPath(Box<str>),
    Claim(Box<str>),
    ClaimEquals(Box<str>, Value),
    PathParameter {
        parameter: Box<str>,
        claim: Box<str>,
    },
    Acr(Scopes),
    MaxAge(Duration),
    Predicate(Predicate),
}

/// A condition of the application's own.
#[derive(Clone)]
pub(super) struct Predicate {
    pub(super) name: Box<str>,
    pub(super) holds: Arc<dyn Fn(&VerifiedToken) -> bool + Send + Sync>,
}

/// The parameters of a path, decoded.
#[derive(Clone, Copy)]
pub(super) struct Parameters<'a>(pub(super) &'a [(&'a str, &'a str)]);

impl<'a> Parameters<'a> {
    /// Nested routers may each have a parameter of one name. Which of them the handler goes by is unknown here.
    fn only(self, name: &str) -> Option<&'a str> {
        let mut found = self.0.iter().filter(|(found, _)| *found == name).map(|(_, value)| *value);
        found.next().filter(|first| found.all(|other| other == *first))
    }
}

impl Need {
    pub(super) fn is_met(&self, token: &VerifiedToken, parameters: Parameters<'_>) -> bool {
        match self {
            Self::All(needs) => needs.iter().all(|need| need.is_met(token, parameters)),
            Self::Any(needs) => needs.iter().any(|need| need.is_met(token, parameters)),
            Self::Scope(scope) => token.has_scope(scope),
            Self::Permission(permission) => token.has_permission(permission),
            Self::Role(role) => token.has_role(role),
            Self::Organization(id) => belongs_to(token, id),
            Self::OrganizationInPath(name) => parameters.only(name).is_some_and(|id| belongs_to(token, id)),
            Self::Claim(name) => token.raw_claim(name).is_some(),
            Self::ClaimEquals(name, value) => claims::bind(token.payload(), name, from_ref(value)).is_ok(),
            Self::PathParameter { parameter: name, claim: of } => {
                parameters.only(name).is_some_and(|text| token.raw_claim(of).is_some_and(|raw| is(raw, text)))
            }
            Self::Acr(values) => token.acr().is_some_and(|acr| values.contains(&acr)),
            Self::MaxAge(age) => token.was_authenticated_within(*age),
            Self::Predicate(Predicate { holds, .. }) => holds(token),
        }
    }

    /// Those of which each is needed.
    pub(super) fn into_all(self) -> Vec<Self> {
        if let Self::All(needs) = self { needs } else { vec![self] }
    }

    /// Those of which one is needed.
    pub(super) fn into_any(mut self) -> Vec<Self> {
        // What is all of one thing is that thing.
        if let Self::All(needs) = &mut self
            && needs.len() == 1
        {
            return needs.remove(0).into_any();
        }
        if let Self::Any(needs) = self { needs } else { vec![self] }
    }

    /// The scopes that it names.
    pub(super) fn collect_scopes(&self, into: &mut Vec<Box<str>>) {
        match self {
            Self::All(needs) | Self::Any(needs) => needs.iter().for_each(|need| need.collect_scopes(into)),
            Self::Scope(scope) => into.push(scope.clone()),
            Self::Permission(_)
            | Self::Role(_)
            | Self::Organization(_)
            | Self::OrganizationInPath(_)
            | Self::Claim(_)
            | Self::ClaimEquals(..)
            | Self::PathParameter { .. }
            | Self::Acr(_)
            | Self::MaxAge(_)
            | Self::Predicate(_) => {}
        }
    }

    /// The scopes that it needs whatever else it needs.
    pub(super) fn collect_certain<'a>(&'a self, into: &mut Vec<&'a str>) {
        match self {
            Self::All(needs) => needs.iter().for_each(|need| need.collect_certain(into)),
            Self::Scope(scope) => into.push(scope),
            Self::Any(_)
            | Self::Permission(_)
            | Self::Role(_)
            | Self::Organization(_)
            | Self::OrganizationInPath(_)
            | Self::Claim(_)
            | Self::ClaimEquals(..)
            | Self::PathParameter { .. }
            | Self::Acr(_)
            | Self::MaxAge(_)
            | Self::Predicate(_) => {}
        }
    }

    /// Whether it compares a parameter of the path.
    pub(super) fn asks_for_parameters(&self) -> bool {
        match self {
            Self::All(needs) | Self::Any(needs) => needs.iter().any(Self::asks_for_parameters),
            Self::PathParameter { .. } | Self::OrganizationInPath(_) => true,
            Self::Scope(_)
            | Self::Permission(_)
            | Self::Role(_)
            | Self::Organization(_)
            | Self::Claim(_)
            | Self::ClaimEquals(..)
            | Self::Acr(_)
            | Self::MaxAge(_)
            | Self::Predicate(_) => false,
        }
    }
}

/// A claim of another shape lists none.
fn belongs_to(token: &VerifiedToken, organization: &str) -> bool {
    token.organizations().is_ok_and(|all| all.find(organization).is_some())
}

/// Text, or a number that is written like that, of whatever size; a path has no other types.
fn is(raw: &str, text: &str) -> bool {
    json::string(raw).map_or_else(|| json::is_number(raw) && raw == text, |claim| claim == text)
}

/// As the attribute `#[require_scope(…)]` writes it.
impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All(needs) if needs.is_empty() => f.write_str("authenticated"),
            Self::Any(needs) if needs.is_empty() => f.write_str("denied"),
            Self::All(needs) => list(f, "all", needs),
            Self::Any(needs) => list(f, "any", needs),
            Self::Scope(scope) => write!(f, "{scope:?}"),
            Self::Permission(permission) => write!(f, "permission({permission:?})"),
            Self::Role(role) => write!(f, "role({role:?})"),
            Self::Organization(id) => write!(f, "organization({id:?})"),
            Self::OrganizationInPath(parameter) => write!(f, "organization(path = {parameter:?})"),
            Self::Claim(name) => write!(f, "claim({})", Name(name)),
            Self::ClaimEquals(name, value) => write!(f, "claim({} = {value})", Name(name)),
            Self::PathParameter { parameter, claim } => write!(f, "path({} = {claim:?})", Name(parameter)),
            Self::Acr(values) => {
                let values: Vec<_> = values.iter().map(|value| format!("{value:?}")).collect();
                write!(f, "acr({})", values.join(", "))
            }
            Self::MaxAge(age) => write!(f, "max_age = {}", age.as_secs()),
            Self::Predicate(Predicate { name, .. }) => write!(f, "predicate({name})"),
        }
    }
}

fn list(f: &mut fmt::Formatter<'_>, word: &str, needs: &[Need]) -> fmt::Result {
    let needs: Vec<_> = needs.iter().map(ToString::to_string).collect();
    write!(f, "{word}({})", needs.join(", "))
}

/// As it is if it is an identifier, otherwise as text.
struct Name<'a>(&'a str);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_identifier = self.0.starts_with(|first: char| first.is_ascii_alphabetic())
            && self.0.chars().all(|character| character.is_ascii_alphanumeric() || character == '_');
        if is_identifier { f.write_str(self.0) } else { write!(f, "{:?}", self.0) }
    }
}

impl fmt::Debug for Predicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Predicate").field(&self.name).finish()
    }
}
