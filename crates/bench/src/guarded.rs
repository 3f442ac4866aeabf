//! What a configuration decides: the same in core and through the layer.

use std::fmt;
use std::sync::Arc;

use claviger::AuthConfig;
use claviger::AuthLayer;
use claviger::Issuer;
use claviger_testing::TestIssuer;

use crate::Core;
use crate::Route;
use crate::route;

/// Whether tokens were seen before by who judges them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "there is no third way")]
pub enum Freshness {
    /// Each for the first time: each run has a new configuration, which has seen nothing.
    FirstSeen,
    /// Each was judged before.
    SeenBefore,
}

/// What makes a configuration, always the same one; none of them has seen a token.
#[derive(Clone)]
pub struct Guarded {
    make: Arc<dyn Fn() -> AuthConfig>,
}

impl Guarded {
    /// Of a way to make it.
    pub fn new(make: impl Fn() -> AuthConfig + 'static) -> Self {
        Self { make: Arc::new(make) }
    }

    /// Tokens of one issuer whose keys are at hand.
    ///
    /// # Panics
    ///
    /// When it is made, if the keys of the issuer are not sound.
    #[must_use]
    pub fn with_keys_of(issuer: &TestIssuer) -> Self {
        let trusted = Issuer::new(issuer.url(), AUDIENCE).with_jwks(issuer.jwks());
        Self::new(move || AuthConfig::builder(trusted.clone()).build().expect("a sound configuration"))
    }

    /// The verifier, without a request around it.
    #[must_use]
    pub fn core(&self, tokens: &Arc<[String]>, freshness: Freshness) -> Core {
        let make = self.clone();
        Core::new(move || make.config().verifier().clone(), Arc::clone(tokens), freshness)
    }

    /// The layer around a route.
    #[must_use]
    pub fn route(
        &self,
        tokens: &Arc<[String]>,
        freshness: Freshness,
    ) -> Route<axum::routing::RouterIntoService<axum::body::Body>, axum::body::Body> {
        let make = self.clone();
        Route::new(move || route::guarded_by(AuthLayer::new(make.config())), tokens, freshness)
    }

    fn config(&self) -> AuthConfig {
        (self.make)()
    }
}

impl fmt::Debug for Guarded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guarded").finish_non_exhaustive()
    }
}

/// What the tokens of a [`TestIssuer`] are for.
pub(crate) const AUDIENCE: &str = "https://api.example.com";
