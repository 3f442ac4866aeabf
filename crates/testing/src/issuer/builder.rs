//! What an issuer is, before it starts.

use std::sync::Arc;

use claviger_core::clock::Clock;
use claviger_core::clock::SystemClock;

use super::TestIssuer;
use super::keys::Keys;
use super::place::Document;
use super::place::Place;
use super::publication::Publication;
use super::serve::Server;
use super::state::Shared;
use crate::SigningAlgorithm;
use crate::SigningKey;

/// Options of a [`TestIssuer`].
///
/// # Defaults
///
/// | Option | Default |
/// |---|---|
/// | issuer | the address, without a path |
/// | keys | one generated ES256 key |
/// | audience of tokens | `https://api.example.com` |
/// | clock | the machine's |
/// | discovery | under both addresses |
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// use claviger_testing::SigningAlgorithm;
/// use claviger_testing::SigningKey;
/// use claviger_testing::TestIssuer;
///
/// let issuer = TestIssuer::builder()
///     .with_path("/tenant1")
///     .with_key(SigningKey::generate(SigningAlgorithm::Ed25519))
///     .start()
///     .await;
/// assert_eq!(issuer.url(), format!("http://{}/tenant1", issuer.address()));
/// # }
/// ```
#[derive(Debug)]
#[must_use = "an issuer is made by `start` or `in_memory`"]
pub struct TestIssuerBuilder {
    name: Name,
    keys: Option<Vec<SigningKey>>,
    audience: String,
    clock: Arc<dyn Clock>,
    withheld: Vec<Document>,
}

#[derive(Debug)]
enum Name {
    AddressAnd(String),
    Fixed(String),
}

impl TestIssuerBuilder {
    pub(super) fn new() -> Self {
        Self {
            name: Name::AddressAnd(String::new()),
            keys: None,
            audience: "https://api.example.com".to_owned(),
            clock: Arc::new(SystemClock::new()),
            withheld: Vec::new(),
        }
    }

    /// Gives the issuer a path behind its address, for example `/tenant1`, or `/` for the issuers that end so.
    ///
    /// Replaces [`with_issuer`](Self::with_issuer).
    ///
    /// # Panics
    ///
    /// If the path does not start with a slash.
    pub fn with_path(mut self, path: impl Into<String>) -> Self {
        let path = path.into();
        assert!(path.starts_with('/'), "the path {path:?} does not start with a slash");
        self.name = Name::AddressAnd(path);
        self
    }

    /// Names the issuer otherwise than by its address, as if it stood behind a public name.
    ///
    /// Tokens and discovery carry this name, and the `jwks_uri` in discovery has its origin. What is served has its
    /// path; [`base_url`](TestIssuer::base_url) tells the origin that really answers. Replaces
    /// [`with_path`](Self::with_path).
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// use claviger_testing::TestIssuer;
    ///
    /// let issuer = TestIssuer::builder().with_issuer("https://login.example.com/realm").start().await;
    /// assert_eq!(issuer.url(), "https://login.example.com/realm");
    /// assert_eq!(issuer.jwks_uri(), format!("{}/realm/jwks", issuer.base_url()));
    /// assert!(issuer.discovery().contains("https://login.example.com/realm/jwks"));
    /// # }
    /// ```
    pub fn with_issuer(mut self, issuer: impl Into<String>) -> Self {
        self.name = Name::Fixed(issuer.into());
        self
    }

    /// Starts with this key alone.
    pub fn with_key(self, key: SigningKey) -> Self {
        self.with_keys([key])
    }

    /// Starts with these keys published; the first of them signs.
    ///
    /// # Panics
    ///
    /// Without a key. [`TestIssuer::replace_keys`] publishes none.
    pub fn with_keys(mut self, keys: impl IntoIterator<Item = SigningKey>) -> Self {
        let keys: Vec<_> = keys.into_iter().collect();
        assert!(!keys.is_empty(), "an issuer signs with at least one key");
        self.keys = Some(keys);
        self
    }

    /// Replaces the `aud` that tokens start with.
    pub fn with_audience(mut self, audience: impl Into<String>) -> Self {
        self.audience = audience.into();
        self
    }

    /// Takes the time of tokens from `clock`; give a clone of it to the code under test.
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Answers 404 at `{issuer}/.well-known/openid-configuration`.
    pub fn without_openid_configuration(mut self) -> Self {
        self.withheld.push(Document::OpenidConfiguration);
        self
    }

    /// Answers 404 at `/.well-known/oauth-authorization-server{path}` (RFC 8414, section 3.1).
    pub fn without_server_metadata(mut self) -> Self {
        self.withheld.push(Document::ServerMetadata);
        self
    }

    /// Starts the issuer on a free port of 127.0.0.1.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime with I/O and time enabled, or if there is no free port.
    #[expect(clippy::expect_used, reason = "a test cannot go on without its issuer")]
    pub async fn start(self) -> TestIssuer {
        let listener = Server::listen().await.expect("a free port on 127.0.0.1");
        let address = listener.local_addr().expect("a bound socket has an address");
        let issuer = match &self.name {
            Name::AddressAnd(path) => format!("http://{address}{path}"),
            Name::Fixed(issuer) => issuer.clone(),
        };
        let shared = self.shared(Place::new(issuer, Some(address)));
        let server = Server::run(listener, Arc::clone(&shared));
        TestIssuer::new(shared, Some(server))
    }

    /// Makes the issuer without serving anything: for tokens, and for a static key source over
    /// [`TestIssuer::jwks`]. Unless named, it is `https://issuer.example.com`.
    #[must_use]
    pub fn in_memory(self) -> TestIssuer {
        let issuer = match &self.name {
            Name::AddressAnd(path) => format!("https://issuer.example.com{path}"),
            Name::Fixed(issuer) => issuer.clone(),
        };
        TestIssuer::new(self.shared(Place::new(issuer, None)), None)
    }

    fn shared(self, place: Place) -> Arc<Shared> {
        let mut keys = self.keys.unwrap_or_default().into_iter();
        let current = keys.next().unwrap_or_else(|| SigningKey::generate(SigningAlgorithm::Es256));
        let publication = Publication::without(self.withheld);
        Arc::new(Shared::new(place, self.audience, self.clock, Keys::new(current, keys), publication))
    }
}
