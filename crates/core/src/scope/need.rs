//! The tree of what is needed, and the decision on it.

use std::fmt;
use std::slice::from_ref;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::claims;
use crate::claims::Scopes;
use crate::scope::Missing;
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

/// The path's parameter of this name.
pub(super) type Parameter<'a> = &'a dyn Fn(&str) -> Option<&'a str>;

impl Need {
    /// # Errors
    ///
    /// What is missing.
    pub(super) fn decide(&self, token: &VerifiedToken, parameter: Parameter<'_>) -> Result<(), Missing> {
        match self {
            Self::All(needs) => {
                let missing = needs.iter().filter_map(|need| need.decide(token, parameter).err());
                missing.reduce(Missing::and).map_or(Ok(()), Err)
            }
            // No client can get what no token has, so no step-up beside it helps.
            Self::Any(needs) if needs.is_empty() => Err(Missing::other(self)),
            Self::Any(needs) => {
                let mut missing = Vec::with_capacity(needs.len());
                for need in needs {
                    match need.decide(token, parameter) {
                        Ok(()) => return Ok(()),
                        Err(lacks) => missing.push(lacks),
                    }
                }
                Err(Missing::least(missing))
            }
            Self::Scope(scope) => met(token.has_scope(scope), || Missing::scope(scope)),
            Self::Permission(permission) => met(token.has_permission(permission), || Missing::other(self)),
            Self::Role(role) => met(token.has_role(role), || Missing::other(self)),
            Self::Organization(id) => met(belongs_to(token, id), || Missing::other(self)),
            Self::OrganizationInPath(name) => {
                met(parameter(name).is_some_and(|id| belongs_to(token, id)), || Missing::other(self))
            }
            Self::Claim(name) => met(token.raw_claim(name).is_some(), || Missing::other(self)),
            Self::ClaimEquals(name, value) => {
                let is_bound = claims::bind(token.payload(), name, from_ref(value)).is_ok();
                met(is_bound, || Missing::other(self))
            }
            Self::PathParameter { parameter: name, claim: of } => {
                let is_same = parameter(name).is_some_and(|text| token.raw_claim(of).is_some_and(|raw| is(raw, text)));
                met(is_same, || Missing::other(self))
            }
            Self::Acr(values) => {
                let is_enough = token.acr().is_some_and(|acr| values.contains(&acr));
                met(is_enough, || Missing::acr(values))
            }
            Self::MaxAge(age) => met(token.was_authenticated_within(*age), || Missing::age(*age)),
            Self::Predicate(Predicate { holds, .. }) => met(holds(token), || Missing::other(self)),
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

fn met(is_met: bool, missing: impl FnOnce() -> Missing) -> Result<(), Missing> {
    if is_met { Ok(()) } else { Err(missing()) }
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
