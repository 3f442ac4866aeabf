//! The allowed issuers of a verifier.

use std::collections::HashMap;

/// Something for each allowed issuer, found by its exact name.
#[derive(Debug)]
pub(crate) struct Registry<T> {
    by_issuer: HashMap<Box<str>, T>,
}

impl<T> Registry<T> {
    pub(crate) fn new() -> Self {
        Self { by_issuer: HashMap::new() }
    }

    /// `false` if the issuer stands there already; the first entry then stays.
    pub(crate) fn insert(&mut self, issuer: &str, entry: T) -> bool {
        if self.by_issuer.contains_key(issuer) {
            return false;
        }
        self.by_issuer.insert(issuer.into(), entry);
        true
    }

    /// Code point by code point, nothing normalised (RFC 8414, section 4; RFC 9068, section 4).
    pub(crate) fn find(&self, issuer: &str) -> Option<&T> {
        self.by_issuer.get(issuer)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
        self.by_issuer.iter().map(|(issuer, entry)| (&**issuer, entry))
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
}
