//! What becomes of a configuration.

use claviger::AuthConfig;
use claviger::error::ConfigError;

/// Of a TOML document.
pub(crate) fn read_config(text: &str) -> Result<AuthConfig, ConfigError> {
    AuthConfig::read_toml(text)
}

/// The paths of all that is wrong; none if it was built.
pub(crate) fn problem_paths<T>(built: Result<T, ConfigError>) -> Vec<String> {
    built.err().iter().flat_map(ConfigError::problems).map(|problem| problem.path().to_owned()).collect()
}
