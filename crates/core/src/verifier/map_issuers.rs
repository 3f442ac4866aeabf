//! Builders whose issuers can be changed.

use crate::issuer::Issuer;
use crate::verifier::VerifierBuilder;

/// A builder whose issuers can be changed after they were added, or read from a file.
///
/// ```
/// use std::time::Duration;
///
/// use claviger_core::Issuer;
/// use claviger_core::MapIssuers;
/// use claviger_core::Verifier;
///
/// let builder = Verifier::builder(Issuer::new("https://a.example", "api"));
/// let verifier = builder.map_issuers(|issuer| issuer.with_leeway(Duration::from_secs(5))).build()?;
/// # let _ = verifier;
/// # Ok::<(), claviger_core::error::ConfigError>(())
/// ```
pub trait MapIssuers: Sized {
    /// Puts what `change` makes of each issuer in its place, in the order in which they were added.
    #[must_use]
    fn map_issuers(self, change: impl FnMut(Issuer) -> Issuer) -> Self;
}

impl MapIssuers for VerifierBuilder {
    fn map_issuers(mut self, change: impl FnMut(Issuer) -> Issuer) -> Self {
        self.issuers = self.issuers.into_iter().map(change).collect();
        self
    }
}
