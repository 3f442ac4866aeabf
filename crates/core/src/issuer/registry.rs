//! The issuers that stand by name.

use std::sync::Arc;

use foldhash::HashMap;
use foldhash::HashMapExt;

/// Something for each name of an issuer, found by that exact name. Issuers have one, or some that are spelled
/// differently.
#[derive(Clone, Debug)]
pub(crate) struct Registry<T> {
    by_name: HashMap<Arc<str>, T>,
}

impl<T> Registry<T> {
    pub(crate) fn new() -> Self {
        Self { by_name: HashMap::new() }
    }

    /// `false` if the name stands there already; the first entry then stays.
    pub(crate) fn insert(&mut self, name: &str, entry: T) -> bool {
        if self.by_name.contains_key(name) {
            return false;
        }
        self.by_name.insert(name.into(), entry);
        true
    }

    /// Code point by code point, nothing normalised (RFC 8414, section 4; RFC 9068, section 4).
    pub(crate) fn find(&self, name: &str) -> Option<&T> {
        self.by_name.get(name)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
        self.by_name.iter().map(|(name, entry)| (&**name, entry))
    }

    /// Leaves out every name whose entry is not to be kept.
    pub(crate) fn retain(&mut self, is_kept: impl Fn(&T) -> bool) {
        self.by_name.retain(|_, entry| is_kept(entry));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exact_name_is_found() {
        let mut registry = Registry::new();
        assert!(registry.insert("https://a.example", 1));
        assert!(!registry.insert("https://a.example", 2));
        assert_eq!(registry.find("https://a.example"), Some(&1));
        for other in ["https://a.example/", "https://A.example", "https://a.exampl", "", "https://a.example:443"] {
            assert_eq!(registry.find(other), None, "{other}");
        }
    }

    #[test]
    fn an_entry_goes_with_all_of_its_names() {
        let mut registry = Registry::new();
        for (name, entry) in [("a", 1), ("b", 1), ("c", 2)] {
            registry.insert(name, entry);
        }
        registry.retain(|entry| *entry != 1);
        assert_eq!(registry.iter().collect::<Vec<_>>(), [("c", &2)]);
    }
}
