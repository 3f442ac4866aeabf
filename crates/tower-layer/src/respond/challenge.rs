//! `WWW-Authenticate` (RFC 9110, section 11.6.1; RFC 6750, section 3; RFC 9728, section 5.1).

use claviger_core::Missing;
use claviger_core::Scopes;
use claviger_core::StepUp;
use http::HeaderValue;

use crate::config::Settings;
use crate::respond::Refused;

/// The Bearer challenge for a refusal. All that goes into its quoted strings was checked when the configuration or the
/// policy was built, or is fixed text.
pub(super) fn bearer(settings: &Settings, refused: &Refused, scope: Option<&Scopes>) -> Option<HeaderValue> {
    let mut challenge = format!("Bearer realm=\"{}\"", settings.realm);
    if let Some(error) = oauth_error(refused) {
        challenge += &format!(", error=\"{error}\", error_description=\"{}\"", refused.detail());
    }
    if let Some(step_up) = refused.missing().and_then(Missing::step_up) {
        challenge += &demanded_authentication(step_up);
    }
    if let Some(scope) = scope.filter(|scope| !scope.is_empty()) {
        challenge += &format!(", scope=\"{scope}\"");
    }
    if let Some(publication) = &settings.metadata {
        challenge += &format!(", resource_metadata=\"{}\"", publication.metadata().url());
    }
    HeaderValue::try_from(challenge).ok()
}

/// RFC 9470, section 3.
fn demanded_authentication(step_up: &StepUp) -> String {
    let mut parameters = String::new();
    if !step_up.acr_values().is_empty() {
        parameters += &format!(", acr_values=\"{}\"", step_up.acr_values());
    }
    if let Some(age) = step_up.max_age() {
        parameters += &format!(", max_age=\"{}\"", age.as_secs());
    }
    parameters
}

/// A request of another site is refused before its credentials are read, so nothing is wrong with them.
fn oauth_error(refused: &Refused) -> Option<&'static str> {
    refused.error().filter(|error| *error != "cross_site")
}
