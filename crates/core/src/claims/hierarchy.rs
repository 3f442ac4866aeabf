//! Scopes that include others.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::claims::InvalidScope;
use crate::claims::Scopes;

/// Which scopes include others: who holds the broader one may do what the narrower one allows.
///
/// What a route needs stays the narrow scope, in challenges too; a token that was granted a broader one meets it. What
/// a narrower scope includes is included as well.
///
/// ```
/// use claviger_core::ScopeHierarchy;
///
/// let hierarchy = ScopeHierarchy::default()
///     .with("admin", ["write:reports"])?
///     .with("write:reports", ["read:reports"])?;
/// assert!(hierarchy.includes("admin", "read:reports"));
/// assert!(!hierarchy.includes("read:reports", "admin"));
/// # Ok::<(), claviger_core::InvalidScope>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct ScopeHierarchy {
    /// For each scope, those that include it, at any distance.
    broader: Arc<BTreeMap<Box<str>, BTreeSet<Box<str>>>>,
}

impl ScopeHierarchy {
    /// `broader` includes each of `narrower`, beside what was said before.
    ///
    /// # Errors
    ///
    /// [`InvalidScope`] if one is no scope.
    pub fn with<S: AsRef<str>>(
        mut self,
        broader: &str,
        narrower: impl IntoIterator<Item = S>,
    ) -> Result<Self, InvalidScope> {
        let broader = Scopes::new([broader])?;
        let narrower = Scopes::new(narrower)?;
        let includers: BTreeSet<Box<str>> = broader.iter().chain(self.broader_than(&broader)).map(Box::from).collect();
        let all = Arc::make_mut(&mut self.broader);
        let included = narrower.iter().map(Box::from);
        let below: Vec<Box<str>> = all
            .iter()
            .filter(|(_, includers)| narrower.iter().any(|narrow| includers.contains(narrow)))
            .map(|(scope, _)| scope.clone())
            .chain(included)
            .collect();
        for scope in below {
            all.entry(scope).or_default().extend(includers.iter().cloned());
        }
        Ok(self)
    }

    /// Whether `broader` includes `narrower`, directly or by others between.
    #[must_use]
    pub fn includes(&self, broader: &str, narrower: &str) -> bool {
        self.includers(narrower).is_some_and(|includers| includers.contains(broader))
    }

    /// Those that include `scope`, if any does.
    pub(crate) fn includers(&self, scope: &str) -> Option<&BTreeSet<Box<str>>> {
        self.broader.get(scope)
    }

    fn broader_than<'a>(&'a self, scopes: &'a Scopes) -> impl Iterator<Item = &'a str> {
        scopes.iter().filter_map(|scope| self.includers(scope)).flatten().map(|scope| &**scope)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hierarchy(pairs: &[(&str, &str)]) -> ScopeHierarchy {
        pairs.iter().fold(ScopeHierarchy::default(), |all, (broad, narrow)| all.with(broad, [narrow]).unwrap())
    }

    #[test]
    fn inclusion_reaches_through_in_whatever_order_it_was_said() {
        for pairs in [
            [("a", "b"), ("b", "c"), ("c", "d")],
            [("c", "d"), ("b", "c"), ("a", "b")],
            [("a", "b"), ("c", "d"), ("b", "c")],
        ] {
            let hierarchy = hierarchy(&pairs);
            for (broad, narrow) in [("a", "b"), ("a", "c"), ("a", "d"), ("b", "c"), ("b", "d"), ("c", "d")] {
                assert!(hierarchy.includes(broad, narrow), "{pairs:?} {broad} {narrow}");
                assert!(!hierarchy.includes(narrow, broad), "{pairs:?} {narrow} {broad}");
            }
        }
    }

    #[test]
    fn two_scopes_that_include_each_other_are_worth_the_same() {
        let hierarchy = hierarchy(&[("a", "b"), ("b", "a"), ("b", "c")]);
        for (broad, narrow) in [("a", "b"), ("b", "a"), ("a", "c"), ("b", "c")] {
            assert!(hierarchy.includes(broad, narrow), "{broad} {narrow}");
        }
        assert!(!hierarchy.includes("c", "a"));
    }

    #[test]
    fn scopes_are_compared_whole_and_by_case() {
        let hierarchy = hierarchy(&[("admin", "read")]);
        for (broad, narrow) in [("Admin", "read"), ("admin", "Read"), ("adm", "read"), ("admin", "read:x")] {
            assert!(!hierarchy.includes(broad, narrow), "{broad} {narrow}");
        }
        assert!(ScopeHierarchy::default().with("a b", ["c"]).is_err());
        assert!(ScopeHierarchy::default().with("a", ["c\""]).is_err());
    }
}
