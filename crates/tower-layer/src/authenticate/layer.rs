//! Configuration of the authentication service.

use std::fmt;

use claviger_core::VerifiedToken;
use claviger_core::error::VerifyError;
use http::Extensions;
use serde::de::DeserializeOwned;
use tower_layer::Layer;

use crate::authenticate::Auth;
use crate::authenticate::Claims;
use crate::config::AuthConfig;

/// Lets only requests with a believed token through. See the [module docs](crate::authenticate).
#[derive(Clone)]
pub struct AuthLayer {
    config: AuthConfig,
    shape: Option<Shape>,
}

/// The shape that claims must have.
#[derive(Clone, Copy)]
pub(crate) struct Shape {
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
        Self { config, shape: None }
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
        Self { shape: Some(Shape { put: put::<C>, forget: forget::<C> }), ..self }
    }
}

impl<S> Layer<S> for AuthLayer {
    type Service = Auth<S>;

    fn layer(&self, inner: S) -> Auth<S> {
        Auth::new(inner, self.config.clone(), self.shape)
    }
}

impl fmt::Debug for AuthLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthLayer").field("config", &self.config).finish_non_exhaustive()
    }
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
