//! What an exchanger is made of; the only place where its configuration can fail.

use std::sync::Arc;
use std::time::Duration;

use claviger_core::KeySettings;
use claviger_core::clock::Clock;
use claviger_core::clock::SystemClock;
use claviger_core::error::ConfigError;
use claviger_core::error::Problems;

use crate::cache::Cache;
use crate::client::ClientAuthentication;
use crate::client::Exchanger;
use crate::client::ProofKey;
use crate::client::TokenEndpoint;
use crate::client::exchanger::Inner;
use crate::client::transport;
use crate::key::PrivateKey;

/// Builds an [`Exchanger`].
///
/// # Defaults
///
/// | Option | Default |
/// |---|---|
/// | deadline of an exchange, discovery included | 5 s |
/// | deadline for a connection | 2 s |
/// | the most bytes of an answer | 256 KiB |
/// | cache | none |
/// | DPoP | no: bearer tokens |
/// | clock | that of the machine |
///
/// ```
/// use std::time::Duration;
///
/// use claviger_exchange::ClientAuthentication;
/// use claviger_exchange::Exchanger;
/// use claviger_exchange::TokenEndpoint;
///
/// let endpoint = TokenEndpoint::of_issuer("https://tenant.example.com/");
/// let exchanger = Exchanger::builder(endpoint, ClientAuthentication::basic("", ""))
///     .with_timeout(Duration::ZERO)
///     .with_cache(1000);
/// let error = exchanger.build().unwrap_err();
/// let paths: Vec<_> = error.problems().iter().map(|problem| problem.path()).collect();
/// assert_eq!(paths, ["client_id", "client_secret", "timeout"]);
/// ```
#[derive(Debug)]
#[must_use]
pub struct ExchangerBuilder {
    endpoint: TokenEndpoint,
    authentication: ClientAuthentication,
    settings: KeySettings,
    root_certificates: Option<Vec<u8>>,
    clock: Option<Arc<dyn Clock>>,
    cached_tokens: Option<usize>,
    proof_key: Option<PrivateKey>,
}

impl ExchangerBuilder {
    pub(super) fn new(endpoint: TokenEndpoint, authentication: ClientAuthentication) -> Self {
        Self {
            endpoint,
            authentication,
            settings: KeySettings::default(),
            root_certificates: None,
            clock: None,
            cached_tokens: None,
            proof_key: None,
        }
    }

    /// How long an exchange may take, discovery included.
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.settings.timeout = timeout;
        self
    }

    /// How long a connection may take.
    pub fn with_connect_timeout(mut self, timeout: Duration) -> Self {
        self.settings.connect_timeout = timeout;
        self
    }

    /// The most bytes of an answer, after decompression.
    pub fn with_max_bytes(mut self, bytes: usize) -> Self {
        self.settings.max_bytes = bytes;
        self
    }

    /// Further root certificates, in PEM, beside those of the platform.
    pub fn with_root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.root_certificates = Some(pem.into());
        self
    }

    /// Another clock than that of the machine; tests set theirs.
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.clock = Some(Arc::new(clock));
        self
    }

    /// Keeps up to so many exchanged tokens, each for the very same request, until 30 s before it expires (until half of
    /// its life is over, if that is less than a minute); requests that come while one is under way wait for its answer.
    ///
    /// A token is not kept if its answer does not say how long it lives. A caller's token that was revoked since may still
    /// get what was exchanged for it before: the issuer is not asked again.
    pub fn with_cache(mut self, tokens: usize) -> Self {
        self.cached_tokens = Some(tokens);
        self
    }

    /// Has tokens bound to this key (RFC 9449), and refuses answers whose token is not: the token endpoint gets a proof,
    /// and so does every API that is called with the token. Tokens of upstream providers are none of that.
    pub fn with_dpop(mut self, key: PrivateKey) -> Self {
        self.proof_key = Some(key);
        self
    }

    /// Checks everything together.
    ///
    /// # Errors
    ///
    /// Every problem at once, each with its path.
    pub fn build(self) -> Result<Exchanger, ConfigError> {
        let mut problems = Problems::default();
        let endpoint = self.endpoint.check(&mut problems);
        self.authentication.check(&mut problems);
        let durations = [("timeout", self.settings.timeout), ("connect_timeout", self.settings.connect_timeout)];
        for (name, _) in durations.iter().filter(|(_, duration)| duration.is_zero()) {
            problems.add(*name, "must be more than zero");
        }
        let counts = [("max_bytes", Some(self.settings.max_bytes)), ("cache", self.cached_tokens)];
        for (name, _) in counts.iter().filter(|(_, count)| *count == Some(0)) {
            problems.add(*name, "must be at least 1");
        }
        let (identity, roots) = (self.authentication.identity(), self.root_certificates.as_deref());
        let http = transport::http(&self.settings, identity, roots, &mut problems);
        let clock = self.clock.unwrap_or_else(|| Arc::new(SystemClock::new()));
        problems.into_result(())?;
        let (Some(endpoint), Some(http)) = (endpoint, http) else {
            return Err(ConfigError::of("token_endpoint", "cannot be used"));
        };
        Ok(Exchanger::assemble(Inner {
            endpoint,
            authentication: self.authentication,
            http,
            timeout: self.settings.timeout,
            cache: self.cached_tokens.map(|tokens| Cache::new(tokens, Arc::clone(&clock))),
            proof_key: self.proof_key.map(|key| Arc::new(ProofKey::new(key, Arc::clone(&clock)))),
            clock,
        }))
    }
}
