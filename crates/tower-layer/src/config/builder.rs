//! What a configuration is made of; the only place where it can fail.

use std::fmt;
use std::sync::Arc;

use claviger_core::Fetch;
use claviger_core::Issuer;
use claviger_core::IssuerResolver;
use claviger_core::KeyPool;
use claviger_core::KeySettings;
use claviger_core::KeySnapshot;
use claviger_core::KeyStore;
use claviger_core::MapIssuers;
use claviger_core::ReplayStore;
use claviger_core::ScopeHierarchy;
use claviger_core::Scopes;
use claviger_core::TokenCheck;
use claviger_core::Verifier;
use claviger_core::VerifierBuilder;
use claviger_core::clock::Clock;
use claviger_core::error::ConfigError;
use claviger_core::error::Problems;

use crate::config::Anonymous;
use crate::config::AuthConfig;
use crate::config::CertificateSettings;
use crate::config::Dpop;
use crate::config::Settings;
use crate::config::address::AddressOptions;
use crate::config::answers::AnswerOptions;
use crate::config::proxies::ProxyOptions;
use crate::config::resource;
use crate::config::sources::SourceOptions;
use crate::drain::Drainer;
use crate::metadata;
use crate::metadata::Publication;
use crate::metadata::Resource;
use crate::metadata::TokenUse;
use crate::respond::ProblemDetails;
use crate::respond::Responder;

/// Builds an [`AuthConfig`].
#[must_use]
pub struct AuthConfigBuilder {
    verifier: VerifierBuilder,
    anonymous: Anonymous,
    pub(super) sources: SourceOptions,
    pub(super) address: AddressOptions,
    pub(super) proxies: ProxyOptions,
    pub(super) certificate: Option<CertificateSettings>,
    realm: String,
    challenge_scope: Scopes,
    challenge_granted: bool,
    resource: Option<Resource>,
    scopes_supported: Scopes,
    responder: Box<dyn Responder>,
    pub(super) answers: AnswerOptions,
    /// Of the file that it was read from.
    problems: Problems,
}

impl AuthConfigBuilder {
    pub(crate) fn new(issuers: impl IntoIterator<Item = Issuer>) -> Self {
        Self {
            verifier: Verifier::for_issuers(issuers),
            anonymous: Anonymous::default(),
            sources: SourceOptions::default(),
            address: AddressOptions::default(),
            proxies: ProxyOptions::default(),
            certificate: None,
            realm: "api".to_owned(),
            challenge_scope: Scopes::default(),
            challenge_granted: false,
            resource: None,
            scopes_supported: Scopes::default(),
            responder: Box::new(ProblemDetails),
            answers: AnswerOptions::default(),
            problems: Problems::default(),
        }
    }

    /// Another issuer whose tokens are believed, by its own rules.
    pub fn add_issuer(mut self, issuer: Issuer) -> Self {
        self.verifier = self.verifier.add_issuer(issuer);
        self
    }

    /// Lets requests without credentials pass as anonymous. Bad credentials are refused all the same, and so are
    /// anonymous requests by guards and by `Claims`.
    pub fn allow_anonymous(mut self) -> Self {
        self.anonymous = Anonymous::Passed;
        self
    }

    /// The protection space in challenges (RFC 9110, section 11.5): printable ASCII without quotes and backslashes.
    pub fn with_realm(mut self, realm: impl Into<String>) -> Self {
        self.realm = realm.into();
        self
    }

    /// The scopes that a 401 of the layer names, so that clients know what to ask for (RFC 6750, section 3).
    pub fn with_challenge_scope(mut self, scopes: Scopes) -> Self {
        self.challenge_scope = scopes;
        self
    }

    /// Names in a 403 `insufficient_scope` also those of the token's own scopes that stand in
    /// [`with_scopes_supported`](Self::with_scopes_supported) or among the [`Routes`](crate::routes::Routes): for clients
    /// that replace the scopes of their token by those of the challenge, instead of adding to them. The MCP TypeScript SDK
    /// 1.x does, and would lose with each operation the scope of the other. Off unless set, because a token with fewer
    /// scopes is worth less to a thief.
    pub fn challenge_granted(mut self) -> Self {
        self.challenge_granted = true;
        self
    }

    /// Which scopes include others, so that a token with the broader one need not name the narrower.
    pub fn with_scope_hierarchy(mut self, hierarchy: ScopeHierarchy) -> Self {
        self.verifier = self.verifier.with_scope_hierarchy(hierarchy);
        self
    }

    /// Publishes metadata (RFC 9728) about this resource, and names them in every challenge. An identifier will do; a
    /// [`Resource`] can say more. See [`metadata`].
    ///
    /// The issuers' audience should be the same text. Some clients, MCP SDKs among them, add a slash to an identifier
    /// that has no path and then ask for a token with that audience: use an identifier with a path
    /// (`https://api.example.com/mcp`), or write the slash in both places. Where `resource` and an audience differ by
    /// their last slash alone, building logs a warning.
    pub fn with_resource(mut self, resource: impl Into<Resource>) -> Self {
        self.resource = Some(resource.into());
        self
    }

    /// The scopes that clients may ask for, as the metadata name them. What is between clients and the issuer alone, such
    /// as `offline_access`, is none of them.
    pub fn with_scopes_supported(mut self, scopes: Scopes) -> Self {
        self.scopes_supported = scopes;
        self
    }

    /// How many bytes verified tokens may take that are kept, so that one that is seen again costs no signature; 16 MiB
    /// unless set, and 0 keeps none. What can change is judged with each request all the same. The claims count too, in
    /// each type that handlers take them as, and so does the text where it is [kept](Self::keep_presented_token).
    pub fn with_cache_bytes(mut self, bytes: usize) -> Self {
        self.verifier = self.verifier.with_cache_bytes(bytes);
        self
    }

    /// The longest token that is looked at, in bytes.
    pub fn with_max_token_bytes(mut self, bytes: usize) -> Self {
        self.verifier = self.verifier.with_max_token_bytes(bytes);
        self
    }

    /// How many issuers [found at run time](Issuer::found_at_run_time) are kept with their keys.
    pub fn with_max_found_issuers(mut self, count: usize) -> Self {
        self.verifier = self.verifier.with_max_found_issuers(count);
        self
    }

    /// Asks the application which issuers are allowed for each request. See [`IssuerResolver`].
    pub fn with_resolver(mut self, resolver: impl IssuerResolver) -> Self {
        self.verifier = self.verifier.with_resolver(resolver);
        self
    }

    /// Keeps the text of each token that is believed, so that a handler can exchange it for one of another API. It stands
    /// in no header field and in no log: [`VerifiedToken::presented_token`](crate::VerifiedToken::presented_token).
    pub fn keep_presented_token(mut self) -> Self {
        self.verifier = self.verifier.keep_presented_token();
        self
    }

    /// Asks the application about each token that passed every other check. See [`TokenCheck`].
    pub fn with_check(mut self, check: impl TokenCheck) -> Self {
        self.verifier = self.verifier.with_check(check);
        self
    }

    /// How keys are fetched and how long they serve.
    pub fn with_keys(mut self, keys: KeySettings) -> Self {
        self.verifier = self.verifier.with_keys(keys);
        self
    }

    /// Shares fetched keys with the other configurations that have this pool. See [`KeyPool`].
    pub fn with_key_pool(mut self, pool: KeyPool) -> Self {
        self.verifier = self.verifier.with_key_pool(pool);
        self
    }

    /// What refusals look like, in place of [`ProblemDetails`]. Status and challenges stay what they are.
    pub fn with_responder(mut self, responder: impl Responder) -> Self {
        self.responder = Box::new(responder);
        self
    }

    /// Another clock than that of the machine; tests set theirs.
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.verifier = self.verifier.with_clock(clock);
        self
    }

    /// Another way to the issuers' documents than HTTP by reqwest.
    pub fn with_fetch(mut self, fetch: impl Fetch) -> Self {
        self.verifier = self.verifier.with_fetch(fetch);
        self
    }

    /// Shares fetched keys with other processes. See [`KeyStore`].
    pub fn with_key_store(mut self, store: impl KeyStore) -> Self {
        self.verifier = self.verifier.with_key_store(store);
        self
    }

    /// Records the uses of proofs in `store`, in place of what was said about it before, and leaves the other settings of
    /// [`with_dpop`](Self::with_dpop) as they are. See [`ReplayStore`].
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use claviger::AuthConfigBuilder;
    /// use claviger::MemoryReplayStore;
    /// use claviger::clock::SystemClock;
    /// use serde_json::json;
    ///
    /// let file = json!({
    ///     "issuers": [{ "issuer": "https://tenant.example.com/", "audience": "https://api.example.com" }],
    ///     "public_url": "https://api.example.com",
    ///     "dpop": { "mode": "required" },
    /// });
    /// let store = MemoryReplayStore::new(1 << 20, Arc::new(SystemClock::new()));
    /// let cfg = AuthConfigBuilder::read(file).with_replay_store(store).build()?;
    /// # let _ = cfg;
    /// # Ok::<(), claviger::error::ConfigError>(())
    /// ```
    pub fn with_replay_store(self, store: impl ReplayStore) -> Self {
        self.map_verifier(|verifier| {
            let dpop = verifier.dpop().clone().with_replay_store(store);
            verifier.with_dpop(dpop)
        })
    }

    /// Begins with keys that were saved ([`Verifier::key_snapshots`]), so that a service comes up while its issuer is
    /// down.
    pub fn with_key_snapshots(mut self, snapshots: impl IntoIterator<Item = KeySnapshot>) -> Self {
        self.verifier = self.verifier.with_key_snapshots(snapshots);
        self
    }

    pub(super) fn map_verifier(mut self, change: impl FnOnce(VerifierBuilder) -> VerifierBuilder) -> Self {
        self.verifier = change(self.verifier);
        self
    }

    /// Keeps the problems of a file until [`build`](Self::build) reports them with all others.
    pub(super) fn with_problems(mut self, problems: Problems) -> Self {
        self.problems = problems;
        self
    }

    /// Checks everything together.
    ///
    /// # Errors
    ///
    /// Every problem at once, each with its path; those of the file that it was [read](Self::read) from come first.
    pub fn build(self) -> Result<AuthConfig, ConfigError> {
        let mut problems = self.problems;
        if !is_realm(&self.realm) {
            problems.add("realm", "must be printable ASCII without quotes and backslashes, and not blank");
        }
        let has_certificates = self.certificate.is_some();
        let metadata = self.resource.as_ref().and_then(|resource| {
            let uses = TokenUse::of(self.sources.bearer_methods(), self.verifier.dpop(), has_certificates);
            Publication::check(resource, self.verifier.issuers(), &self.scopes_supported, uses, &mut problems)
        });
        self.answers.drain.check(&mut problems);
        let has_address = self.address.is_given() || self.resource.is_some();
        let only_field = self.sources.is_authorization_alone();
        let dpop = Dpop::check(self.verifier.dpop(), has_address, only_field, has_certificates, &mut problems);
        let resource = metadata.as_ref().map(|publication| publication.metadata().resource());
        let by_a_slash = resource::differing_by_a_slash(resource, self.verifier.configured_issuers());
        let address = self.address.check(resource, &mut problems);
        let proxies = self.proxies.check(&mut problems);
        let has_proxies = self.proxies.are_given();
        let certificate = self.certificate.as_ref().and_then(|settings| settings.check(has_proxies, &mut problems));
        let sources = self.sources.check(&address, self.anonymous, &mut problems);
        match self.verifier.build() {
            Ok(verifier) => {
                problems.into_result(())?;
                dpop.tell_where(&address);
                by_a_slash.iter().for_each(resource::SlashApart::warn);
                Ok(AuthConfig::of(Settings {
                    verifier,
                    anonymous: self.anonymous,
                    sources,
                    address,
                    proxies,
                    certificate,
                    dpop,
                    cookie_failure: self.sources.cookie_failure,
                    preflight: self.sources.preflight,
                    realm: self.realm.into(),
                    challenge_scope: self.challenge_scope,
                    granted: self.challenge_granted.then(|| Arc::new(self.scopes_supported)),
                    metadata: metadata.map(metadata::register),
                    responder: self.responder,
                    grpc: self.answers.grpc,
                    drainer: Drainer::new(self.answers.drain),
                }))
            }
            Err(error) => {
                problems.extend(&error);
                Err(problems.into_result(()).err().unwrap_or(error))
            }
        }
    }
}

impl MapIssuers for AuthConfigBuilder {
    fn map_issuers(self, change: impl FnMut(Issuer) -> Issuer) -> Self {
        self.map_verifier(|verifier| verifier.map_issuers(change))
    }
}

impl fmt::Debug for AuthConfigBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthConfigBuilder")
            .field("verifier", &self.verifier)
            .field("anonymous", &self.anonymous)
            .field("sources", &self.sources)
            .field("address", &self.address)
            .field("proxies", &self.proxies)
            .field("certificate", &self.certificate)
            .field("realm", &self.realm)
            .field("challenge_scope", &self.challenge_scope)
            .field("challenge_granted", &self.challenge_granted)
            .field("resource", &self.resource)
            .field("scopes_supported", &self.scopes_supported)
            .field("answers", &self.answers)
            .finish_non_exhaustive()
    }
}

fn is_realm(realm: &str) -> bool {
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\';
    !realm.trim().is_empty() && realm.bytes().all(is_plain)
}
