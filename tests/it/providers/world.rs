//! The issuers of all presets, in memory, with one key: whoever is refused is not refused for a signature.

use std::sync::LazyLock;

use bytes::Bytes;
use claviger::Fetch;
use claviger::FetchFuture;
use claviger::Issuer;
use claviger::VerifiedToken;
use claviger::Verifier;
use claviger::error::VerifyError;
use claviger_testing::SigningAlgorithm;
use claviger_testing::SigningKey;
use claviger_testing::TestClock;
use claviger_testing::TestIssuer;
use http::Request;
use http::Response;
use http::StatusCode;
use serde_json::Value;
use serde_json::json;

use crate::support::NOW;

/// Answers at the addresses of one issuer, and at no other.
#[derive(Clone, Debug)]
pub(crate) struct World {
    iss: String,
    metadata: Option<String>,
    jwks_uri: String,
}

impl World {
    /// An issuer that publishes its metadata at this address.
    pub(crate) fn with_metadata(iss: &str, metadata: impl Into<String>) -> Self {
        Self { iss: iss.to_owned(), metadata: Some(metadata.into()), jwks_uri: "https://keys.example/jwks".to_owned() }
    }

    /// An issuer that publishes its keys at this address, and no metadata.
    pub(crate) fn with_keys_at(iss: &str, jwks_uri: impl Into<String>) -> Self {
        Self { iss: iss.to_owned(), metadata: None, jwks_uri: jwks_uri.into() }
    }

    pub(crate) async fn verify(&self, issuer: Issuer, token: &str) -> Result<VerifiedToken, VerifyError> {
        self.verifier(issuer).verify(token).await
    }

    pub(crate) fn verifier(&self, issuer: Issuer) -> Verifier {
        let clock = TestClock::at_second(NOW);
        Verifier::builder(issuer).with_fetch(self.clone()).with_clock(clock).build().unwrap()
    }

    fn answer(&self, url: &str) -> Response<Bytes> {
        if self.metadata.as_deref() == Some(url) {
            let document = json!({ "issuer": self.iss, "jwks_uri": self.jwks_uri });
            return Response::new(document.to_string().into());
        }
        if self.jwks_uri == url {
            return Response::new(SIGNER.jwks().into());
        }
        missing()
    }
}

impl Fetch for World {
    fn fetch(&self, request: Request<()>) -> FetchFuture<'_> {
        let answer = self.answer(&request.uri().to_string());
        Box::pin(async { Ok(answer) })
    }
}

/// Several issuers at once.
#[derive(Clone, Debug)]
pub(crate) struct Worlds {
    all: Vec<World>,
}

impl Worlds {
    pub(crate) fn of(all: impl IntoIterator<Item = World>) -> Self {
        Self { all: all.into_iter().collect() }
    }

    pub(crate) fn verifier(&self, issuers: impl IntoIterator<Item = Issuer>) -> Verifier {
        let clock = TestClock::at_second(NOW);
        Verifier::for_issuers(issuers).with_fetch(self.clone()).with_clock(clock).build().unwrap()
    }
}

impl Fetch for Worlds {
    fn fetch(&self, request: Request<()>) -> FetchFuture<'_> {
        let url = request.uri().to_string();
        let mut answers = self.all.iter().map(|world| world.answer(&url));
        let answer = answers.find(|answer| answer.status() == StatusCode::OK).unwrap_or_else(missing);
        Box::pin(async { Ok(answer) })
    }
}

fn missing() -> Response<Bytes> {
    let mut missing = Response::new(Bytes::new());
    *missing.status_mut() = StatusCode::NOT_FOUND;
    missing
}

/// A token with these claims, signed by the key of everybody.
pub(crate) fn sign(typ: Option<&str>, claims: &Value) -> String {
    let token = SIGNER.token().raw_payload(claims.to_string());
    let token = if claims["iss"] == OPENAUTH { token.signed_by(&EC_KEY) } else { token };
    match typ {
        Some(typ) => token.header("typ", typ).sign(),
        None => token.without_header("typ").sign(),
    }
}

/// The key set that everybody publishes.
pub(crate) fn jwks() -> String {
    SIGNER.jwks()
}

/// OpenAuth signs with ES256 alone, the others with RS256 too.
pub(crate) const OPENAUTH: &str = "https://openauth.example.com";

static EC_KEY: LazyLock<SigningKey> =
    LazyLock::new(|| SigningKey::generate(SigningAlgorithm::Es256).with_key_id("of openauth"));

static SIGNER: LazyLock<TestIssuer> = LazyLock::new(|| {
    let key = SigningKey::generate(SigningAlgorithm::Rs256).with_key_id("of everybody");
    TestIssuer::builder().with_keys([key, EC_KEY.clone()]).with_clock(TestClock::at_second(NOW)).in_memory()
});
