//! `WWW-Authenticate` (RFC 9110, section 11.6.1; RFC 6750, section 3; RFC 9449, section 7.1; RFC
//! 9728, section 5.1).

use claviger_core::Missing;
use claviger_core::Scopes;
use claviger_core::StepUp;
use claviger_core::TokenScheme;
use claviger_core::error::Refusal;
use http::HeaderValue;

use crate::config::Settings;
use crate::respond::Refused;

/// The challenges for a refusal, one for each accepted scheme. DPoP comes first, because some clients read the first line
/// alone; what concerns the proof is told on its line alone, because some repeat the request only then.
pub(super) fn lines(
    settings: &Settings,
    refused: &Refused,
    scope: Option<&Scopes>,
) -> impl Iterator<Item = HeaderValue> {
    let is_about_proof = matches!(refused.refusal(), Refusal::InvalidProof | Refusal::UseNonce);
    let schemes = [TokenScheme::Dpop, TokenScheme::Bearer].into_iter();
    let told = schemes
        .filter(move |scheme| settings.dpop.mode.accepts(*scheme) && (!is_about_proof || *scheme == TokenScheme::Dpop));
    told.filter_map(move |scheme| line(settings, refused, scope, scheme))
}

/// All that goes into its quoted strings was checked when the configuration or the policy was built, or is fixed text.
fn line(settings: &Settings, refused: &Refused, scope: Option<&Scopes>, scheme: TokenScheme) -> Option<HeaderValue> {
    let mut parameters = Vec::with_capacity(8);
    if scheme == TokenScheme::Bearer {
        parameters.push(format!("realm=\"{}\"", settings.realm));
    }
    if refused.scheme().is_none_or(|used| used == scheme) {
        if let Some(error) = oauth_error(refused) {
            parameters.push(format!("error=\"{error}\", error_description=\"{}\"", refused.detail()));
        }
        if let Some(step_up) = refused.missing().and_then(Missing::step_up) {
            parameters.extend(demanded_authentication(step_up));
        }
    }
    if let Some(scope) = scope.filter(|scope| !scope.is_empty()) {
        parameters.push(format!("scope=\"{scope}\""));
    }
    if let Some(publication) = &settings.metadata {
        parameters.push(format!("resource_metadata=\"{}\"", publication.metadata().url()));
    }
    if scheme == TokenScheme::Dpop {
        parameters.push(format!("algs=\"{}\"", settings.dpop.algorithms));
    }
    HeaderValue::try_from(format!("{scheme} {}", parameters.join(", "))).ok()
}

/// RFC 9470, section 3.
fn demanded_authentication(step_up: &StepUp) -> impl Iterator<Item = String> {
    let acr_values = Some(step_up.acr_values()).filter(|values| !values.is_empty());
    let acr_values = acr_values.map(|values| format!("acr_values=\"{values}\""));
    let max_age = step_up.max_age().map(|age| format!("max_age=\"{}\"", age.as_secs()));
    acr_values.into_iter().chain(max_age)
}

/// A request of another site is refused before its credentials are read, so nothing is wrong with them.
fn oauth_error(refused: &Refused) -> Option<&'static str> {
    refused.error().filter(|error| *error != "cross_site")
}
