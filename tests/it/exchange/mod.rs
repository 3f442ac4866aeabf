//! Calling other APIs: what is sent, what is understood of the answers, and what is never sent.

mod answer;
mod cache;
mod caller;
mod client;
mod dpop;
mod endpoint;
mod valid;
mod vault;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use claviger::Issuer;
use claviger::VerifiedToken;
use claviger::Verifier;
use claviger_exchange::AccessToken;
use claviger_exchange::ClientAuthentication;
use claviger_exchange::ExchangeError;
use claviger_exchange::ExchangedToken;
use claviger_exchange::Exchanger;
use claviger_exchange::ExchangerBuilder;
use claviger_exchange::OnBehalfOf;
use claviger_exchange::TokenEndpoint;
use claviger_exchange::TokenExchange;
use claviger_exchange::TokenType;
use claviger_testing::Fault;
use claviger_testing::TestClock;
use claviger_testing::TestIssuer;
use claviger_testing::TokenRequest;
use http::Response;

use crate::support::AUDIENCE;
use crate::support::NOW;

/// What another API is called.
const INVENTORY: &str = "https://inventory.example.com";
const CLIENT_ID: &str = "reports";

/// An issuer that exchanges, and this API as its client.
struct World {
    clock: TestClock,
    issuer: TestIssuer,
    exchanger: Exchanger,
    secret: String,
}

impl World {
    async fn new() -> Self {
        Self::with(|exchanger| exchanger).await
    }

    async fn with(options: impl FnOnce(ExchangerBuilder) -> ExchangerBuilder) -> Self {
        let secret = unguessable();
        let client = ClientAuthentication::basic(CLIENT_ID, secret.clone());
        Self { secret, ..Self::of(client, options).await }
    }

    async fn of(client: ClientAuthentication, options: impl FnOnce(ExchangerBuilder) -> ExchangerBuilder) -> Self {
        let clock = TestClock::at_second(NOW);
        let issuer = TestIssuer::builder().with_clock(clock.clone()).start().await;
        let builder = Exchanger::builder(TokenEndpoint::of_issuer(issuer.url()), client).with_clock(clock.clone());
        let exchanger = options(builder).build().unwrap();
        Self { clock, issuer, exchanger, secret: String::new() }
    }

    /// The caller's token, believed.
    async fn caller(&self) -> VerifiedToken {
        self.verified(&self.issuer.token().claim("sub", "alice").sign()).await
    }

    async fn verified(&self, token: &str) -> VerifiedToken {
        let trusted = Issuer::new(self.issuer.url(), AUDIENCE).with_jwks(self.issuer.jwks());
        let verifier = Verifier::builder(trusted).with_clock(self.clock.clone()).keep_presented_token();
        verifier.build().unwrap().verify(token).await.unwrap()
    }

    async fn exchange(&self) -> Result<ExchangedToken, ExchangeError> {
        self.exchanger.exchange(&request("a subject token")).await
    }

    async fn on_behalf_of(&self) -> Result<AccessToken, ExchangeError> {
        self.exchanger.on_behalf_of(&self.caller().await, &OnBehalfOf::new(INVENTORY)).await
    }

    fn answer(&self, content_type: &str, body: &str) {
        let answer = Response::builder().header("content-type", content_type);
        let answer = answer.body(Bytes::copy_from_slice(body.as_bytes())).unwrap();
        self.issuer.fail_token(Fault::Answer(answer));
    }

    /// The one request that was sent.
    fn sent(&self) -> TokenRequest {
        let mut requests = self.issuer.token_requests();
        assert_eq!(requests.len(), 1);
        requests.remove(0)
    }

    #[track_caller]
    fn assert_nothing_was_sent(&self) {
        assert_eq!((self.issuer.token_requests().len(), self.issuer.fetches().discovery()), (0, 0));
    }
}

fn request(subject_token: &str) -> TokenExchange {
    TokenExchange::new(subject_token, TokenType::JWT)
}

fn unguessable() -> String {
    base64url(&josekit::util::random_bytes(24))
}

fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn from_base64url(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

/// The parameters of the problems, in order.
#[track_caller]
fn problems<T>(outcome: Result<T, ExchangeError>) -> Vec<(String, String)> {
    match outcome.err() {
        Some(ExchangeError::Invalid(problems)) => {
            problems.iter().map(|problem| (problem.path().to_owned(), problem.message().to_owned())).collect()
        }
        other => panic!("not invalid: {other:?}"),
    }
}
