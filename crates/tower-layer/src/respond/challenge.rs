//! `WWW-Authenticate` (RFC 9110, section 11.6.1; RFC 6750, section 3; RFC 9449, section 7.1; RFC
//! 9728, section 5.1).

use std::fmt;

use claviger_core::DpopMode;
use claviger_core::Missing;
use claviger_core::Scopes;
use claviger_core::StepUp;
use claviger_core::TokenScheme;
use claviger_core::error::Refusal;
use http::HeaderValue;

use crate::config::Settings;
use crate::respond::Refused;

/// The challenges of a refusal: one for each scheme that the request could have used, all on one line.
///
/// Two lines would be lost on many: Firefox shows neither to `fetch`, and error pages of nginx and Apache have only the
/// first. `Display` writes the value of the field.
pub(super) struct Challenges<'a> {
    pub(super) settings: &'a Settings,
    pub(super) refused: &'a Refused,
    /// The mode, as far as it can be served to the request.
    pub(super) mode: DpopMode,
    pub(super) scope: Option<&'a Scopes>,
}

impl Challenges<'_> {
    /// `None` where no scheme can be named.
    pub(super) fn line(&self) -> Option<HeaderValue> {
        let mut line = String::with_capacity(LINE);
        fmt::write(&mut line, format_args!("{self}")).ok()?;
        HeaderValue::try_from(line).ok().filter(|line| !line.is_empty())
    }

    /// The scheme that the request used comes first. Otherwise that is Bearer, because some clients read only a value that
    /// begins with it, unless no bearer token could pass. What concerns the proof names DPoP alone, because some clients
    /// repeat the request only then.
    fn schemes(&self) -> impl Iterator<Item = TokenScheme> {
        let is_about_proof = matches!(self.refused.refusal(), Refusal::InvalidProof | Refusal::UseNonce);
        let first = self.used().unwrap_or(self.settings.dpop.first_scheme);
        let second = match first {
            TokenScheme::Bearer => TokenScheme::Dpop,
            TokenScheme::Dpop => TokenScheme::Bearer,
        };
        let mode = self.mode;
        let is_named =
            move |scheme: &TokenScheme| mode.accepts(*scheme) && (!is_about_proof || *scheme == TokenScheme::Dpop);
        [first, second].into_iter().filter(is_named)
    }

    /// The scheme that the request used, if it is accepted.
    fn used(&self) -> Option<TokenScheme> {
        self.refused.scheme().filter(|used| self.mode.accepts(*used))
    }

    /// Everything in the quoted strings was checked when the configuration or the policy was built, or is fixed text.
    fn write(&self, scheme: TokenScheme, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parameters = Parameters { separator: " ", f };
        parameters.f.write_str(scheme.as_str())?;
        if scheme == TokenScheme::Bearer {
            parameters.add("realm", &self.settings.realm)?;
        }
        if self.used().is_none_or(|used| used == scheme) {
            if let Some(error) = oauth_error(self.refused) {
                parameters.add("error", error)?;
                parameters.add("error_description", self.refused.description())?;
            }
            if let Some(step_up) = self.refused.missing().and_then(Missing::step_up) {
                parameters.add_authentication(step_up)?;
            }
        }
        if let Some(scope) = self.scope.filter(|scope| !scope.is_empty()) {
            parameters.add("scope", scope)?;
        }
        if let Some(publication) = &self.settings.metadata {
            parameters.add("resource_metadata", publication.metadata().url())?;
        }
        if scheme == TokenScheme::Dpop {
            parameters.add("algs", &self.settings.dpop.algorithms)?;
        }
        Ok(())
    }
}

impl fmt::Display for Challenges<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, scheme) in self.schemes().enumerate() {
            if at > 0 {
                f.write_str(", ")?;
            }
            self.write(scheme, f)?;
        }
        Ok(())
    }
}

/// The parameters of one challenge, as they are written.
struct Parameters<'a, 'b> {
    /// What stands before the next one.
    separator: &'static str,
    f: &'a mut fmt::Formatter<'b>,
}

impl Parameters<'_, '_> {
    fn add(&mut self, name: &str, value: impl fmt::Display) -> fmt::Result {
        write!(self.f, "{}{name}=\"{value}\"", self.separator)?;
        self.separator = ", ";
        Ok(())
    }

    /// RFC 9470, section 3.
    fn add_authentication(&mut self, step_up: &StepUp) -> fmt::Result {
        if !step_up.acr_values().is_empty() {
            self.add("acr_values", step_up.acr_values())?;
        }
        step_up.max_age().map_or(Ok(()), |age| self.add("max_age", age.as_secs()))
    }
}

/// Where another token does not help, no client should be led to ask for one.
fn oauth_error(refused: &Refused) -> Option<&'static str> {
    refused.error().filter(|_| !matches!(refused.refusal(), Refusal::CrossSite | Refusal::Forbidden))
}

/// Room for most lines.
const LINE: usize = 256;
