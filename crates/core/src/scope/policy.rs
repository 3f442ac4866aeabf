//! What a route needs, as a pure decision over a believed token.

use crate::scope::InvalidScope;
use crate::scope::Scopes;
use crate::verifier::VerifiedToken;

/// What a route needs of a token's scopes.
///
/// ```
/// use claviger_core::ScopePolicy;
///
/// let policy = ScopePolicy::all_of(["read:reports", "export"])?;
/// assert_eq!(policy.scopes().to_string(), "read:reports export");
/// # Ok::<(), claviger_core::InvalidScope>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ScopePolicy {
    demand: Demand,
    scopes: Scopes,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Demand {
    All,
    Any,
}

impl ScopePolicy {
    /// Needs every one of these scopes; of none, it is met by every token.
    ///
    /// # Errors
    ///
    /// [`InvalidScope`] if one is no scope.
    pub fn all_of<S: AsRef<str>>(scopes: impl IntoIterator<Item = S>) -> Result<Self, InvalidScope> {
        Ok(Self { demand: Demand::All, scopes: Scopes::new(scopes)? })
    }

    /// Needs one of these scopes at least.
    ///
    /// # Errors
    ///
    /// [`InvalidScope`] if one is no scope, or if there is none to choose from.
    pub fn any_of<S: AsRef<str>>(scopes: impl IntoIterator<Item = S>) -> Result<Self, InvalidScope> {
        let scopes = Scopes::new(scopes)?;
        if scopes.is_empty() {
            return Err(InvalidScope { scope: String::new() });
        }
        Ok(Self { demand: Demand::Any, scopes })
    }

    /// The scopes that it names, for the challenge: what the route needs, not what the token has (RFC 6750, section 3).
    #[must_use]
    pub fn scopes(&self) -> &Scopes {
        &self.scopes
    }

    /// Whether `token` has what is needed.
    ///
    /// # Errors
    ///
    /// What is missing.
    pub fn decide(&self, token: &VerifiedToken) -> Result<(), Missing> {
        self.decide_on(|needed| token.scopes().any(|granted| granted == needed))
    }

    fn decide_on(&self, is_granted: impl Fn(&str) -> bool) -> Result<(), Missing> {
        let missing: Vec<_> = self.scopes.iter().filter(|needed| !is_granted(needed)).collect();
        let is_met = match self.demand {
            Demand::All => missing.is_empty(),
            Demand::Any => missing.len() < self.scopes.iter().count(),
        };
        if is_met { Ok(()) } else { Err(Missing { scopes: Scopes::new(missing).unwrap_or_default() }) }
    }
}

/// The scopes that a policy names and a token lacks.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Missing {
    scopes: Scopes,
}

impl Missing {
    /// The scopes that the token lacks; for `any_of`, all of them.
    #[must_use]
    pub fn scopes(&self) -> &Scopes {
        &self.scopes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing(policy: &ScopePolicy, granted: &[&str]) -> Option<String> {
        policy.decide_on(|needed| granted.contains(&needed)).err().map(|missing| missing.scopes().to_string())
    }

    #[test]
    fn all_of_needs_every_one() {
        let policy = ScopePolicy::all_of(["a", "b"]).unwrap();
        assert_eq!(missing(&policy, &["b", "x", "a"]), None);
        assert_eq!(missing(&policy, &["a"]), Some("b".to_owned()));
        assert_eq!(missing(&policy, &[]), Some("a b".to_owned()));
        assert_eq!(missing(&policy, &["A", "b", "a:x"]), Some("a".to_owned()));
    }

    #[test]
    fn any_of_needs_one() {
        let policy = ScopePolicy::any_of(["a", "b"]).unwrap();
        assert_eq!(missing(&policy, &["b"]), None);
        assert_eq!(missing(&policy, &["c"]), Some("a b".to_owned()));
    }

    #[test]
    fn nothing_to_choose_from_is_no_policy() {
        assert!(ScopePolicy::any_of::<&str>([]).is_err());
        assert!(missing(&ScopePolicy::all_of::<&str>([]).unwrap(), &[]).is_none());
    }
}
