//! Section 3 of the contract, the row "cold start": the first request of a service whose issuer is just coming up.

use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use bytes::Bytes;
use claviger::Fetch;
use claviger::FetchError;
use claviger::FetchFuture;
use claviger::Issuer;
use claviger::Verifier;
use claviger::error::Reason;
use claviger_testing::TestIssuer;
use http::Request;
use http::Response;
use http::StatusCode;
use tokio::time::Instant;
use tokio::time::sleep;
use tokio::time::timeout;

use crate::support::AUDIENCE;
use crate::support::Paused;

/// How an issuer fails until it is up.
#[derive(Clone, Copy, Debug)]
enum Until {
    /// Nothing listens at the port.
    Refused,
    /// A proxy before it has nobody to ask.
    BadGateway,
    /// The port swallows what comes, until the connection breaks.
    BrokenAfter(Duration),
    /// Somebody else answers.
    OtherIssuer,
}

/// An issuer that comes up later.
#[derive(Clone, Debug)]
struct Starting {
    began: Instant,
    up_at: Duration,
    until: Until,
    jwks: String,
    asked: Arc<Mutex<Vec<u128>>>,
}

impl Fetch for Starting {
    fn fetch(&self, request: Request<()>) -> FetchFuture<'_> {
        let since = self.began.elapsed();
        self.asked.lock().unwrap().push(since.as_millis());
        let is_up = since >= self.up_at;
        let is_metadata = request.uri().path().contains("well-known");
        Box::pin(async move {
            let answer = |status: StatusCode, body: &str| {
                Ok(Response::builder().status(status).body(Bytes::from(body.to_owned())).unwrap())
            };
            match self.until {
                Until::OtherIssuer if is_metadata => answer(StatusCode::OK, OTHER_METADATA),
                _ if is_up => answer(StatusCode::OK, &self.jwks),
                Until::Refused | Until::OtherIssuer => Err(FetchError::Transport("connection refused".to_owned())),
                Until::BadGateway => answer(StatusCode::BAD_GATEWAY, ""),
                Until::BrokenAfter(pause) => {
                    sleep(pause).await;
                    Err(FetchError::Transport("connection reset".to_owned()))
                }
            }
        })
    }

    fn keeps_to_public_addresses(&self) -> bool {
        true
    }
}

struct World {
    issuer: TestIssuer,
    starting: Starting,
}

impl World {
    fn new(up_at: u64, until: Until) -> Self {
        let issuer = TestIssuer::in_memory("https://issuer.example.com");
        let (began, up_at, jwks) = (Instant::now(), Duration::from_millis(up_at), issuer.jwks());
        Self { issuer, starting: Starting { began, up_at, until, jwks, asked: Arc::default() } }
    }

    fn verifier(&self, rules: fn(Issuer) -> Issuer) -> Verifier {
        let trusted = rules(Issuer::new(self.issuer.url(), AUDIENCE));
        let builder = Verifier::builder(trusted).with_fetch(self.starting.clone());
        builder.with_clock(Paused(self.starting.began)).build().unwrap()
    }

    async fn verdict(&self, verifier: &Verifier) -> (Result<(), Reason>, u128) {
        let verdict = verifier.verify(&self.issuer.token().sign()).await;
        (verdict.map(drop).map_err(|error| error.reason()), self.starting.began.elapsed().as_millis())
    }

    fn asked(&self) -> Vec<u128> {
        self.starting.asked.lock().unwrap().clone()
    }
}

fn keys_alone(issuer: Issuer) -> Issuer {
    issuer.with_jwks_uri("https://issuer.example.com/jwks")
}

#[tokio::test(start_paused = true)]
async fn an_issuer_that_comes_up_while_a_request_waits_serves_it() {
    for until in [Until::Refused, Until::BadGateway, Until::BrokenAfter(Duration::from_millis(10))] {
        let world = World::new(700, until);
        let verifier = world.verifier(keys_alone);
        let (verdict, after) = world.verdict(&verifier).await;
        assert!(verdict.is_ok() && (700..2000).contains(&after), "{until:?}: {verdict:?} after {after} ms");
        let counters = verifier.status()[0].counters;
        assert_eq!((counters.fetches, counters.failures), (4, 3));
    }
}

#[tokio::test(start_paused = true)]
async fn it_is_asked_again_after_a_tenth_three_tenths_and_seven_tenths_of_a_second_and_then_left_alone() {
    let world = World::new(1_000_000, Until::Refused);
    let verifier = world.verifier(keys_alone);
    assert_eq!(world.verdict(&verifier).await, (Err(Reason::KeysUnavailable), 1100));
    assert_eq!(world.verdict(&verifier).await, (Err(Reason::KeysUnavailable), 1100));
    assert_eq!(world.asked(), [0, 100, 400, 1100]);
    let counters = verifier.status()[0].counters;
    assert_eq!((counters.fetches, counters.failures), (4, 4));
}

#[tokio::test(start_paused = true)]
async fn ready_waits_for_it_too() {
    let world = World::new(700, Until::Refused);
    assert!(world.verifier(keys_alone).ready().await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_waiter_gives_up_after_two_seconds_whatever_is_tried() {
    let world = World::new(1_000_000, Until::BrokenAfter(Duration::from_millis(450)));
    let verifier = world.verifier(keys_alone);
    assert_eq!(world.verdict(&verifier).await, (Err(Reason::KeysUnavailable), 2000));
    assert_eq!(world.asked(), [0, 550, 1300]);
}

#[tokio::test(start_paused = true)]
async fn nobody_is_asked_again_for_a_request_that_has_gone_away() {
    let world = World::new(1_000_000, Until::Refused);
    let verifier = world.verifier(keys_alone);
    assert!(timeout(Duration::from_millis(50), world.verdict(&verifier)).await.is_err());
    sleep(Duration::from_secs(3)).await;
    assert_eq!(world.asked(), [0]);
}

#[tokio::test(start_paused = true)]
async fn what_fails_late_or_for_another_reason_is_not_tried_again() {
    let slow = Until::BrokenAfter(Duration::from_millis(500));
    for (until, rules, asked) in [
        (slow, keys_alone as fn(Issuer) -> Issuer, 1),
        (Until::OtherIssuer, |issuer| issuer, 1),
        // The budget of issuers found at run time is for all of them.
        (Until::Refused, |issuer| keys_alone(issuer).found_at_run_time(), 1),
    ] {
        let world = World::new(1_000_000, until);
        let (verdict, _) = world.verdict(&world.verifier(rules)).await;
        assert_eq!((verdict, world.asked().len()), (Err(Reason::KeysUnavailable), asked), "{until:?}");
    }
}

const OTHER_METADATA: &str = r#"{"issuer":"https://other.example.com","jwks_uri":"https://issuer.example.com/jwks"}"#;
