//! Configuration of the authentication service.

use std::fmt;
use std::sync::Arc;

use claviger_core::ClaimsDemand;
use claviger_core::Scopes;
use claviger_core::VerifiedToken;
use claviger_core::error::VerifyError;
use http::Extensions;
use serde::de::DeserializeOwned;
use tower_layer::Layer;

use crate::authenticate::Auth;
use crate::authenticate::Claims;
use crate::authenticate::service::Gate;
use crate::config::AuthConfig;
use crate::metadata::Publication;
use crate::metadata::ResourceMetadata;

/// Lets only requests with a believed token through. See the [module docs](crate::authenticate).
#[derive(Clone)]
pub struct AuthLayer {
    config: AuthConfig,
    shape: Option<Shape>,
    metadata: Option<Arc<Publication>>,
    /// Which of the token's own scopes challenges name as well.
    granted: Option<Arc<Scopes>>,
}

/// The shape that claims must have.
#[derive(Clone, Copy)]
pub(crate) struct Shape {
    /// Whether the claims of a token fit; they are kept in it then.
    pub(super) fits: ClaimsDemand,
    /// Puts the claims of a token into the extensions, if they fit.
    pub(super) put: fn(&VerifiedToken, &mut Extensions) -> Result<(), VerifyError>,
    pub(super) forget: Forget,
}

/// Takes claims out of the extensions again.
pub(crate) type Forget = fn(&mut Extensions);

impl AuthLayer {
    /// A layer of this configuration; cannot fail, because the configuration was checked.
    #[must_use]
    pub fn new(config: AuthConfig) -> Self {
        let (metadata, granted) = (config.settings().metadata.clone(), config.settings().granted.clone());
        Self { config, shape: None, metadata, granted }
    }

    /// Has the keys of every issuer before the first request; without it they are fetched when a token needs them.
    /// Issuers [found at run time](crate::Issuer::found_at_run_time) are left out.
    ///
    /// ```no_run
    /// # async fn start(cfg: claviger::AuthConfig) -> Result<(), claviger::error::VerifyError> {
    /// let auth = claviger::AuthLayer::new(cfg);
    /// auth.ready().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The first issuer, by name, whose keys could not be had.
    pub async fn ready(&self) -> Result<(), VerifyError> {
        self.config.verifier().ready().await
    }

    /// Refuses tokens whose claims do not fit `C` with 401, and puts [`Claims<C>`] into the extensions of the request.
    #[must_use]
    pub fn with_claims<C: DeserializeOwned + Send + Sync + 'static>(self) -> Self {
        Self { shape: Some(Shape { fits: fits::<C>, put: put::<C>, forget: forget::<C> }), ..self }
    }

    /// Names these scopes in the metadata, after those that are named already, and counts them among those that
    /// [`challenge_granted`](crate::AuthConfigBuilder::challenge_granted) keeps.
    ///
    /// ```
    /// use claviger::AuthConfig;
    /// use claviger::AuthLayer;
    /// use claviger::Issuer;
    /// use claviger::Scopes;
    ///
    /// let cfg = AuthConfig::builder(Issuer::new("https://tenant.example.com/", "https://api.example.com/mcp"))
    ///     .with_resource("https://api.example.com/mcp")
    ///     .with_scopes_supported(Scopes::new(["read"])?)
    ///     .build()?;
    /// let auth = AuthLayer::new(cfg).add_scopes_supported(&Scopes::new(["write", "read"])?);
    /// let metadata = serde_json::to_value(auth.resource_metadata())?;
    /// assert_eq!(metadata["scopes_supported"], serde_json::json!(["read", "write"]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn add_scopes_supported(self, scopes: &Scopes) -> Self {
        let metadata = self.metadata.map(|publication| Arc::new(publication.naming(scopes)));
        let granted = self.granted.map(|supported| {
            let mut supported = Scopes::clone(&supported);
            supported.extend(scopes);
            Arc::new(supported)
        });
        Self { metadata, granted, ..self }
    }

    #[cfg(feature = "axum")]
    pub(crate) fn config(&self) -> &AuthConfig {
        &self.config
    }

    #[cfg(feature = "axum")]
    pub(crate) fn publication(&self) -> Option<&Arc<Publication>> {
        self.metadata.as_ref()
    }

    /// What this layer publishes, if the configuration has a resource.
    #[must_use]
    pub fn resource_metadata(&self) -> Option<&ResourceMetadata> {
        self.metadata.as_ref().map(|publication| publication.metadata())
    }
}

impl<S> Layer<S> for AuthLayer {
    type Service = Auth<S>;

    fn layer(&self, inner: S) -> Auth<S> {
        let gate = Gate::new(self.config.clone(), self.shape, self.granted.clone());
        Auth::new(inner, gate, self.metadata.clone())
    }
}

impl fmt::Debug for AuthLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthLayer").field("config", &self.config).finish_non_exhaustive()
    }
}

fn fits<C: DeserializeOwned + Send + Sync + 'static>(token: &VerifiedToken) -> Result<(), VerifyError> {
    token.claims::<C>().map(|_| ())
}

fn put<C: DeserializeOwned + Send + Sync + 'static>(
    token: &VerifiedToken,
    extensions: &mut Extensions,
) -> Result<(), VerifyError> {
    extensions.insert(Claims(token.claims::<C>()?));
    Ok(())
}

fn forget<C: Send + Sync + 'static>(extensions: &mut Extensions) {
    extensions.remove::<Claims<C>>();
}
