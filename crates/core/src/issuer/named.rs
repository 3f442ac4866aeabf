//! What an issuer is called, read back from its configuration.

use crate::issuer::Issuer;
use crate::issuer::KeyLocation;
use crate::issuer::template::TENANT;
use crate::issuer::template::Template;

/// # What it is called
impl Issuer {
    /// Returns the identifier as it is configured, `{tenant}` included where it is a template.
    #[must_use]
    pub fn identifier(&self) -> &str {
        &self.issuer
    }

    /// Returns the audiences of ours that its tokens may be for, in the order in which they were added.
    pub fn audiences(&self) -> impl Iterator<Item = &str> {
        self.audiences.iter().map(String::as_str)
    }

    /// Returns the address that its metadata are read at, where one is configured.
    #[must_use]
    pub fn discovery_url(&self) -> Option<&str> {
        self.key_locations.iter().find_map(|location| match location {
            KeyLocation::DiscoveryUrl(url) => Some(url.as_str()),
            KeyLocation::Discovery
            | KeyLocation::JwksUri(_)
            | KeyLocation::JwksFile(_)
            | KeyLocation::Jwks(_)
            | KeyLocation::Pem(_) => None,
        })
    }

    /// Returns whether a token with this `iss` is one of this issuer: the text is its identifier, another spelling of
    /// it, or the identifier of a tenant of the template.
    ///
    /// ```
    /// use claviger_core::Issuer;
    ///
    /// let google = Issuer::new("https://accounts.google.com", "client").add_alias("accounts.google.com");
    /// assert!(google.is_named("accounts.google.com"));
    /// assert!(!google.is_named("https://accounts.google.com/"));
    ///
    /// let entra = Issuer::new("https://login.example/{tenant}/v2.0", "api").with_tenant_claim("tid");
    /// assert!(entra.is_named("https://login.example/acme/v2.0"));
    /// assert!(!entra.is_named("https://login.example/acme/v1.0"));
    /// ```
    #[must_use]
    pub fn is_named(&self, iss: &str) -> bool {
        let is_tenant = || {
            let template = self.issuer.contains(TENANT).then(|| Template::read(&self.issuer).ok()).flatten();
            template.is_some_and(|template| template.tenant_of(iss).is_some())
        };
        self.issuer == iss || self.aliases.iter().any(|alias| alias == iss) || is_tenant()
    }
}
