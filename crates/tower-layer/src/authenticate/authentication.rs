//! The mark that the layer leaves on a request.

use claviger_core::VerifiedToken;

use crate::config::AuthConfig;

/// The mark that [`AuthLayer`](crate::AuthLayer) leaves in the extensions of a request it lets through.
///
/// Only the layer makes one, so its absence tells that no layer stands before a guard or a handler.
#[derive(Clone, Debug)]
pub struct Authentication {
    config: AuthConfig,
    token: Option<VerifiedToken>,
}

impl Authentication {
    /// The one constructor: whoever calls it asserts that the layer of `config` lets the request through.
    pub(crate) fn assertion(config: AuthConfig, token: Option<VerifiedToken>) -> Self {
        Self { config, token }
    }

    /// The token of the request; `None` if it is anonymous.
    #[must_use]
    pub fn token(&self) -> Option<&VerifiedToken> {
        self.token.as_ref()
    }

    pub(crate) fn config(&self) -> &AuthConfig {
        &self.config
    }
}
