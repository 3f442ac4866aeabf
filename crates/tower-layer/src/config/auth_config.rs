//! The checked configuration.

use std::fmt;
use std::sync::Arc;

use claviger_core::Issuer;
use claviger_core::Scopes;
use claviger_core::Verifier;
use claviger_core::error::ConfigError;
use serde::Deserialize;
use serde::Deserializer;
use serde::de::Error;

use crate::config::Address;
use crate::config::AuthConfigBuilder;
use crate::config::Dpop;
use crate::credentials::CookieFailure;
use crate::credentials::Preflight;
use crate::credentials::Sources;
use crate::drain::Drainer;
use crate::metadata::Publication;
use crate::peer::CertificateField;
use crate::peer::TrustedProxies;
use crate::respond::GrpcAnswers;
use crate::respond::Responder;

/// A configuration that was checked: whoever has one can make a layer of it, and nothing can fail any more.
///
/// Cloning is cheap; layers of one configuration share their keys, and a layer passes on a request that another layer
/// of the same configuration has let in before.
///
/// # Defaults
///
/// Credentials are demanded and read from the `Authorization` field alone, preflights are refused like any request
/// without credentials, `realm` is `api`, tokens have at most 16 KiB and their text is not kept, 401 challenges name no
/// scope, no metadata are published, no proxy is trusted, gRPC
/// requests are refused by the HTTP status, and the bodies of refused requests are drained within the limits of
/// [`DrainSettings`](crate::DrainSettings). Those of an issuer are at [`Issuer`], those of the keys at
/// [`KeySettings`](crate::KeySettings), those of proofs of possession at [`DpopSettings`](crate::DpopSettings).
///
/// ```
/// use claviger::AuthConfig;
///
/// let cfg = AuthConfig::new("https://tenant.example.com/", "https://api.example.com")?;
/// # let _ = cfg;
/// let error = AuthConfig::new("http://tenant.example.com/", "").unwrap_err();
/// let paths: Vec<_> = error.problems().iter().map(|problem| problem.path()).collect();
/// assert_eq!(paths, ["issuers[0].issuer", "issuers[0].audience"]);
/// # Ok::<(), claviger::error::ConfigError>(())
/// ```
#[derive(Clone)]
pub struct AuthConfig {
    settings: Arc<Settings>,
}

pub(crate) struct Settings {
    pub(crate) verifier: Verifier,
    pub(crate) anonymous: Anonymous,
    pub(crate) sources: Sources,
    pub(crate) address: Address,
    pub(crate) proxies: TrustedProxies,
    pub(crate) certificate: Option<CertificateField>,
    pub(crate) dpop: Dpop,
    pub(crate) cookie_failure: CookieFailure,
    pub(crate) preflight: Preflight,
    pub(crate) realm: Box<str>,
    pub(crate) challenge_scope: Scopes,
    /// With `challenge_granted`, `scopes_supported`: a 403 names the token's own scopes of these too.
    pub(crate) granted: Option<Arc<Scopes>>,
    pub(crate) metadata: Option<Arc<Publication>>,
    pub(crate) responder: Box<dyn Responder>,
    pub(crate) grpc: GrpcAnswers,
    pub(crate) drainer: Drainer,
}

/// What happens to requests without credentials.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Anonymous {
    #[default]
    Refused,
    Passed,
}

impl AuthConfig {
    /// One issuer and the audience that this API goes by, everything else by default.
    ///
    /// # Errors
    ///
    /// Every problem at once, each with its path.
    pub fn new(issuer: impl Into<String>, audience: impl Into<String>) -> Result<Self, ConfigError> {
        Self::builder(Issuer::new(issuer, audience)).build()
    }

    /// Begins with the first issuer whose tokens are believed.
    pub fn builder(issuer: Issuer) -> AuthConfigBuilder {
        AuthConfigBuilder::new([issuer])
    }

    /// Begins with any number of issuers; with none, building fails unless there is a
    /// [resolver](AuthConfigBuilder::with_resolver).
    pub fn for_issuers(issuers: impl IntoIterator<Item = Issuer>) -> AuthConfigBuilder {
        AuthConfigBuilder::new(issuers)
    }

    /// Reads a configuration from a file of any self-describing serde format; for TOML the
    /// feature `toml` has `read_toml`. [`AuthConfigBuilder::read`] reads one that code completes.
    ///
    /// Durations are text (`"30s"`) or whole seconds; a list of one string may be given as that string.
    ///
    /// ```
    /// use claviger::AuthConfig;
    ///
    /// let file = r#"{
    ///     "realm": "reports",
    ///     "issuers": [{
    ///         "issuer": "https://tenant.example.com/",
    ///         "audience": "https://api.example.com",
    ///         "leeway": "5s",
    ///         "color": "blue"
    ///     }]
    /// }"#;
    /// let error = AuthConfig::read(&mut serde_json::Deserializer::from_str(file)).unwrap_err();
    /// assert_eq!(error.problems()[0].path(), "issuers[0].color");
    /// ```
    ///
    /// # Errors
    ///
    /// Every problem at once, each with its path: unknown members, wrong types, and all that
    /// [`build`](AuthConfigBuilder::build) finds.
    pub fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, ConfigError> {
        AuthConfigBuilder::read(deserializer).build()
    }

    /// Reads a configuration from a file in TOML.
    ///
    /// # Errors
    ///
    /// Every problem at once, each with its path, as [`read`](Self::read). One of the syntax says line and column and
    /// what is wrong there, and never repeats the line, which may hold a secret.
    #[cfg(feature = "toml")]
    pub fn read_toml(text: &str) -> Result<Self, ConfigError> {
        AuthConfigBuilder::read_toml(text).build()
    }

    /// The verifier behind it: the state of its keys ([`Verifier::status`]), and fetching them before the first request
    /// ([`Verifier::ready`]).
    #[must_use]
    pub fn verifier(&self) -> &Verifier {
        &self.settings.verifier
    }

    pub(crate) fn of(settings: Settings) -> Self {
        Self { settings: Arc::new(settings) }
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Whether both are clones of one, and not only alike.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.settings, &other.settings)
    }
}

impl fmt::Debug for AuthConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthConfig")
            .field("realm", &self.settings.realm)
            .field("anonymous", &self.settings.anonymous)
            .field("sources", &self.settings.sources)
            .field("dpop", &self.settings.dpop)
            .field("challenge_scope", &self.settings.challenge_scope)
            .field("metadata", &self.settings.metadata.as_ref().map(|publication| publication.metadata()))
            .finish_non_exhaustive()
    }
}

impl<'de> Deserialize<'de> for AuthConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        AuthConfigBuilder::deserialize(deserializer)?.build().map_err(D::Error::custom)
    }
}
