//! An issuer whose documents come from somewhere else, for tests of its configuration.

use std::sync::Arc;

use crate::fetch::Fetch;
use crate::issuer::Documents;
use crate::issuer::Issuer;
use crate::issuer::KeyLocation;

/// # Tests of a configuration
impl Issuer {
    /// Takes the metadata and keys of this issuer from `fetch` alone, whatever the verifier fetches the others' by. For
    /// tests of a production configuration, whose issuer is then another one: the crate `claviger-testing` calls this.
    ///
    /// Where `discovery_url`, `jwks_uri` or the issuer's own name say that its documents are, `fetch` is asked for them.
    /// What a test cannot have is dropped: keys from files and texts, which `fetch` is asked for too, root certificates,
    /// the bearer token for fetches, and the origin in place of the issuer's own.
    ///
    /// ```
    /// use bytes::Bytes;
    /// use claviger_core::Fetch;
    /// use claviger_core::FetchFuture;
    /// use claviger_core::Issuer;
    /// use claviger_core::Verifier;
    ///
    /// #[derive(Debug)]
    /// struct Fixed(&'static str);
    ///
    /// impl Fetch for Fixed {
    ///     fn fetch(&self, _: http::Request<()>) -> FetchFuture<'_> {
    ///         Box::pin(async { Ok(http::Response::new(Bytes::from_static(self.0.as_bytes()))) })
    ///     }
    /// }
    ///
    /// let of_production = Issuer::new("https://issuer.example", "api").with_jwks_file("/etc/api/keys.json");
    /// assert!(Verifier::builder(of_production.clone()).build().is_err(), "there is no such file here");
    /// assert!(Verifier::builder(of_production.with_documents_from(Fixed("{}"))).build().is_ok());
    /// ```
    pub fn with_documents_from(mut self, fetch: impl Fetch) -> Self {
        let stands_here = |location: &KeyLocation| location.url().is_none();
        if self.key_locations.iter().any(stands_here) {
            self.key_locations.retain(|location| !stands_here(location));
            if self.key_locations.is_empty() {
                self.key_locations.push(KeyLocation::JwksUri(KEYS.to_owned()));
            }
        }
        self.documents = Some(Documents(Arc::new(fetch)));
        Self { fetch_base_url: None, ca_file: None, bearer_token_file: None, ..self }
    }
}

/// Where keys are fetched that have no address of their own.
const KEYS: &str = "https://keys.invalid/jwks";
