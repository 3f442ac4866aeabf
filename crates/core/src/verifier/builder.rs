//! What a verifier is made of; the only place where its configuration can fail.

use std::path::PathBuf;
use std::sync::Arc;

use url::Url;

use crate::clock::Clock;
use crate::clock::SystemClock;
use crate::error::ConfigError;
use crate::error::Problems;
use crate::issuer::Issuer;
use crate::issuer::IssuerRules;
use crate::issuer::KeyLocation;
use crate::issuer::Registry;
use crate::keys::Fetch;
use crate::keys::HttpFetch;
use crate::keys::KeySettings;
use crate::keys::KeySource;
use crate::keys::Location;
use crate::keys::RemoteKeys;
use crate::keys::Start;
use crate::keys::StaticKeys;
use crate::keys::is_fetchable;
use crate::verifier::Verifier;
use crate::verifier::verify::Trusted;

/// Builds a [`Verifier`].
///
/// # Defaults
///
/// Tokens of at most 16 KiB, the keys settings of [`KeySettings`], the clock of the machine, and keys fetched over
/// HTTP by [`HttpFetch`].
#[derive(Clone, Debug)]
#[must_use]
pub struct VerifierBuilder {
    issuers: Vec<Issuer>,
    max_token_bytes: usize,
    keys: KeySettings,
    clock: Option<Arc<dyn Clock>>,
    fetch: Option<Arc<dyn Fetch>>,
}

impl VerifierBuilder {
    pub(crate) fn new(issuers: Vec<Issuer>) -> Self {
        Self { issuers, max_token_bytes: MAX_TOKEN_BYTES, keys: KeySettings::default(), clock: None, fetch: None }
    }

    /// Another issuer whose tokens are believed, by its own rules.
    pub fn add_issuer(mut self, issuer: Issuer) -> Self {
        self.issuers.push(issuer);
        self
    }

    /// The longest token that is looked at, in bytes.
    pub fn with_max_token_bytes(mut self, bytes: usize) -> Self {
        self.max_token_bytes = bytes;
        self
    }

    /// How keys are fetched and how long they serve.
    pub fn with_keys(mut self, keys: KeySettings) -> Self {
        self.keys = keys;
        self
    }

    /// Another clock than that of the machine; tests set theirs.
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.clock = Some(Arc::new(clock));
        self
    }

    /// Another way to the issuers' documents than [`HttpFetch`].
    pub fn with_fetch(mut self, fetch: impl Fetch) -> Self {
        self.fetch = Some(Arc::new(fetch));
        self
    }

    /// Checks everything together.
    ///
    /// # Errors
    ///
    /// Every problem at once, each with its path.
    pub fn build(self) -> Result<Verifier, ConfigError> {
        let mut problems = Problems::default();
        self.keys.check(&mut problems);
        if self.max_token_bytes == 0 {
            problems.add("max_token_bytes", "must be at least 1");
        }
        if self.issuers.is_empty() {
            problems.add("issuers", "must name at least one issuer");
        }
        let clock = self.clock.clone().unwrap_or_else(|| Arc::new(SystemClock::new()));
        let fetch = self.fetch_or_http(&mut problems);
        let mut registry = Registry::new();
        for (at, issuer) in self.issuers.iter().enumerate() {
            let path = format!("issuers[{at}]");
            let rules = IssuerRules::check(issuer, &path, &mut problems);
            let keys = self.key_source(issuer, &path, fetch.as_ref(), &clock, &mut problems);
            let Some(keys) = keys else { continue };
            if !registry.insert(&issuer.issuer, Arc::new(Trusted { rules, keys })) {
                problems.add(format!("{path}.issuer"), "stands there twice");
            }
        }
        problems.into_result(())?;
        Ok(Verifier::assemble(registry, self.max_token_bytes, clock))
    }

    /// A client is made only if an issuer needs the network.
    fn fetch_or_http(&self, problems: &mut Problems) -> Option<Arc<dyn Fetch>> {
        if self.fetch.is_some() || self.issuers.iter().all(has_static_keys) {
            return self.fetch.clone();
        }
        match HttpFetch::new(&self.keys) {
            Ok(fetch) => Some(Arc::new(fetch)),
            Err(error) => {
                problems.add("keys", format!("no HTTP client can be made: {error}"));
                None
            }
        }
    }

    fn key_source(
        &self,
        issuer: &Issuer,
        path: &str,
        fetch: Option<&Arc<dyn Fetch>>,
        clock: &Arc<dyn Clock>,
        problems: &mut Problems,
    ) -> Option<Arc<dyn KeySource>> {
        let mut wrong = |name: &str, message: String| problems.add(format!("{path}.{name}"), message);
        let location = match issuer.key_locations.as_slice() {
            [] => &KeyLocation::Discovery,
            [one] => one,
            [_, second, ..] => {
                wrong(second.name(), "is a second source of keys; there must be one".to_owned());
                return None;
            }
        };
        let keys = match location {
            KeyLocation::Jwks(text) => StaticKeys::from_jwks(&issuer.issuer, text, self.keys.max_keys),
            KeyLocation::JwksFile(file) => {
                StaticKeys::from_file(&issuer.issuer, &PathBuf::from(file), self.keys.max_keys)
            }
            KeyLocation::Pem(text) => StaticKeys::from_pem(&issuer.issuer, text),
            KeyLocation::Discovery | KeyLocation::DiscoveryUrl(_) | KeyLocation::JwksUri(_) => {
                let location = remote_location(issuer, location, &mut wrong)?;
                let fetch = Arc::clone(fetch?);
                return Some(Arc::new(RemoteKeys::new(location, self.keys.clone(), fetch, Arc::clone(clock))));
            }
        };
        if issuer.fetch_base_url.is_some() {
            wrong("fetch_base_url", "is of no use with static keys".to_owned());
        }
        match keys {
            Ok(keys) => Some(Arc::new(keys)),
            Err(message) => {
                wrong(location.name(), message);
                None
            }
        }
    }
}

fn has_static_keys(issuer: &Issuer) -> bool {
    let is_static = |location: &KeyLocation| {
        matches!(location, KeyLocation::Jwks(_) | KeyLocation::JwksFile(_) | KeyLocation::Pem(_))
    };
    issuer.key_locations.iter().any(is_static)
}

/// `None`, with the problems told, if an address is wrong. What is wrong with the issuer itself is told elsewhere.
fn remote_location(issuer: &Issuer, location: &KeyLocation, wrong: &mut dyn FnMut(&str, String)) -> Option<Location> {
    let issuer_url = Url::parse(&issuer.issuer).ok();
    let fetch_base = match &issuer.fetch_base_url {
        None => None,
        Some(_) if matches!(location, KeyLocation::JwksUri(_)) => {
            wrong("fetch_base_url", "excludes jwks_uri, which can be the address itself".to_owned());
            return None;
        }
        Some(base) => Some(origin(base).or_else(|| {
            wrong("fetch_base_url", "must be an origin: scheme, host and perhaps a port".to_owned());
            None
        })?),
    };
    let start = match location {
        KeyLocation::DiscoveryUrl(url) => Start::Metadata(address(issuer, "discovery_url", url, wrong)?),
        KeyLocation::JwksUri(url) => Start::Keys(address(issuer, "jwks_uri", url, wrong)?),
        KeyLocation::Discovery | KeyLocation::JwksFile(_) | KeyLocation::Jwks(_) | KeyLocation::Pem(_) => {
            Start::WellKnown
        }
    };
    Some(Location {
        issuer: issuer.issuer.clone(),
        issuer_url: issuer_url?,
        start,
        fetch_base,
        plain_http: issuer.insecure_http,
    })
}

fn address(issuer: &Issuer, name: &str, text: &str, wrong: &mut dyn FnMut(&str, String)) -> Option<Url> {
    let Ok(url) = Url::parse(text) else {
        wrong(name, "must be a URL".to_owned());
        return None;
    };
    if !is_fetchable(&url, issuer.insecure_http) {
        wrong(name, "must be https (http is for loopback hosts, or for `insecure_http = true`)".to_owned());
        return None;
    }
    if !url.username().is_empty() || url.password().is_some() {
        wrong(name, "must not hold a user name or password".to_owned());
        return None;
    }
    Some(url)
}

fn origin(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let is_plain = url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    let is_http = matches!(url.scheme(), "http" | "https") && url.has_host() && url.password().is_none();
    if is_plain && is_http { Some(url) } else { None }
}

const MAX_TOKEN_BYTES: usize = 16 * 1024;
