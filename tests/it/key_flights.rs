//! Fetches under way: who waits for them, for how long, and what becomes of one that breaks.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use claviger::Fetch;
use claviger::FetchError;
use claviger::FetchFuture;
use claviger::Issuer;
use claviger::KeyErrorKind;
use claviger::Verifier;
use claviger::clock::Clock;
use claviger::error::Reason;
use claviger_testing::Fault;
use claviger_testing::Gate;
use claviger_testing::TestClock;
use claviger_testing::TestIssuer;
use http::Request;
use http::Response;
use tokio::time::Instant;
use tokio::time::sleep;

use crate::support::AUDIENCE;
use crate::support::Api;
use crate::support::NOW;
use crate::support::Paused;

#[tokio::test]
async fn many_first_requests_are_one_fetch() {
    let api = Api::serving().await;
    let gate = Gate::new();
    api.issuer.fail_jwks(Fault::Held(gate.clone()));
    let token = api.token().sign();
    let opened = async {
        api.issuer.wait_for_jwks(1).await;
        gate.open();
    };
    let ((), first, second, third) = tokio::join!(opened, api.show(&token), api.show(&token), api.show(&token));
    for answer in [first, second, third] {
        answer.assert_passed();
    }
    assert_eq!(api.issuer.fetches().jwks(), 1);
}

#[tokio::test]
async fn a_client_that_goes_away_does_not_cancel_the_fetch() {
    let api = Api::serving().await;
    let gate = Gate::new();
    api.issuer.fail_jwks(Fault::Held(gate.clone()));
    let token = api.token().sign();
    tokio::select! {
        _ = api.show(&token) => panic!("the keys are held back"),
        () = api.issuer.wait_for_jwks(1) => {}
    }
    gate.open();
    api.show(&token).await.assert_passed();
    assert_eq!(api.issuer.fetches().jwks(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_cold_start_on_many_threads_is_one_fetch_and_no_refusal() {
    for _ in 0..20 {
        let issuer = TestIssuer::start().await;
        let verifier = Verifier::builder(Issuer::new(issuer.url(), AUDIENCE)).build().unwrap();
        let requests: Vec<_> = (0..32)
            .map(|_| {
                let (verifier, token) = (verifier.clone(), issuer.token().sign());
                tokio::spawn(async move { verifier.verify(&token).await.map(|_| ()) })
            })
            .collect();
        for request in requests {
            assert!(request.await.unwrap().is_ok());
        }
        assert_eq!(issuer.fetches().jwks(), 1);
    }
}

/// An issuer that takes requests and never answers.
#[derive(Debug)]
struct Silent;

impl Fetch for Silent {
    fn fetch(&self, _: Request<()>) -> FetchFuture<'_> {
        Box::pin(std::future::pending())
    }
}

#[tokio::test(start_paused = true)]
async fn a_waiting_request_gives_up_after_two_seconds() {
    let issuer = TestIssuer::in_memory("https://issuer.example.com");
    let verifier = Verifier::builder(Issuer::new(issuer.url(), AUDIENCE)).with_fetch(Silent).build().unwrap();
    let began = Instant::now();
    let error = verifier.verify(&issuer.token().sign()).await.unwrap_err();
    assert_eq!(error.reason(), Reason::KeysUnavailable);
    assert_eq!(began.elapsed().as_secs(), 2);
}

/// Takes a while for its first answer, and never gives a second.
#[derive(Debug)]
struct Slow {
    jwks: String,
    asked: AtomicUsize,
}

impl Fetch for Slow {
    fn fetch(&self, _: Request<()>) -> FetchFuture<'_> {
        let first = self.asked.fetch_add(1, Ordering::SeqCst) == 0;
        Box::pin(async move {
            if !first {
                return std::future::pending().await;
            }
            sleep(Duration::from_millis(1500)).await;
            Ok(Response::new(Bytes::from(self.jwks.clone())))
        })
    }
}

#[tokio::test(start_paused = true)]
async fn five_thousand_first_requests_are_one_fetch_and_all_are_served() {
    let issuer = TestIssuer::in_memory("https://issuer.example.com");
    let slow = Slow { jwks: issuer.jwks(), asked: AtomicUsize::new(0) };
    assert_eq!(first_requests_at_once(&issuer, slow).await, [(Ok(()), 1500); 5000]);
}

#[tokio::test(start_paused = true)]
async fn five_thousand_first_requests_give_up_together_when_no_answer_comes() {
    let issuer = TestIssuer::in_memory("https://issuer.example.com");
    assert_eq!(first_requests_at_once(&issuer, Silent).await, [(Err(Reason::KeysUnavailable), 2000); 5000]);
}

/// What became of each, and after how many milliseconds; all of them wait for the same fetch.
async fn first_requests_at_once(issuer: &TestIssuer, fetch: impl Fetch) -> Vec<(Result<(), Reason>, u128)> {
    let trusted = Issuer::new(issuer.url(), AUDIENCE).with_jwks_uri("https://issuer.example.com/jwks");
    let began = Instant::now();
    let verifier = Verifier::builder(trusted).with_fetch(fetch).with_clock(Paused(began)).build().unwrap();
    let requests: Vec<_> = (0..5000)
        .map(|_| {
            let (verifier, token) = (verifier.clone(), issuer.token().sign());
            tokio::spawn(async move {
                let verdict = verifier.verify(&token).await;
                (verdict.map(drop).map_err(|error| error.reason()), began.elapsed().as_millis())
            })
        })
        .collect();
    let mut verdicts = Vec::new();
    for request in requests {
        verdicts.push(request.await.unwrap());
    }
    assert_eq!(verifier.status()[0].counters.fetches, 1);
    verdicts
}

#[tokio::test(start_paused = true)]
async fn waiting_for_keys_and_for_newer_ones_is_two_seconds_together() {
    let issuer = TestIssuer::in_memory("https://issuer.example.com");
    let trusted = Issuer::new(issuer.url(), AUDIENCE).with_jwks_uri("https://issuer.example.com/jwks");
    let slow = Slow { jwks: issuer.jwks(), asked: AtomicUsize::new(0) };
    let verifier = Verifier::builder(trusted).with_fetch(slow).with_clock(Paused(Instant::now())).build().unwrap();
    let began = Instant::now();
    // The first request's fetch began before the second came, so only that one asks for a newer set.
    let token = issuer.token().sign();
    let first = verifier.verify(&token);
    let second = async {
        sleep(Duration::from_millis(500)).await;
        let error = verifier.verify(&issuer.token().header("kid", "unknown").sign()).await.unwrap_err();
        (error.reason(), began.elapsed().as_millis())
    };
    let (first, second) = tokio::join!(first, second);
    assert!(first.is_ok());
    assert_eq!(second, (Reason::KeysUnavailable, 2500));
}

/// Panics once, when it is told to.
#[derive(Debug)]
struct Panicking {
    fetch_fails: bool,
    times: AtomicUsize,
}

impl Fetch for Panicking {
    fn fetch(&self, _: Request<()>) -> FetchFuture<'_> {
        Box::pin(async move {
            if self.fetch_fails && self.times.fetch_add(1, Ordering::SeqCst) == 0 {
                std::panic::resume_unwind(Box::new("the fetch panics"));
            }
            Err(FetchError::Deadline)
        })
    }
}

#[tokio::test]
async fn a_fetch_that_panics_is_a_failed_one_and_nobody_joins_it_for_ever() {
    let issuer = TestIssuer::in_memory("https://issuer.example.com");
    let panicking = Panicking { fetch_fails: true, times: AtomicUsize::new(0) };
    let verifier = Verifier::builder(Issuer::new(issuer.url(), AUDIENCE)).with_fetch(panicking).build().unwrap();
    let error = verifier.verify(&issuer.token().sign()).await.unwrap_err();
    assert_eq!(error.reason(), Reason::KeysUnavailable);
    assert_eq!(verifier.status()[0].last_error.as_ref().unwrap().kind(), KeyErrorKind::Aborted);
    assert!(verifier.refresh_now().await.is_err());
    assert_eq!(verifier.status()[0].last_error.as_ref().unwrap().kind(), KeyErrorKind::Deadline);
}

/// Panics the third time it is asked, which is when the first fetch lands.
#[derive(Clone, Debug)]
struct PanickingClock {
    asked: Arc<AtomicUsize>,
    time: TestClock,
}

impl Clock for PanickingClock {
    fn unix(&self) -> Option<Duration> {
        self.time.unix()
    }

    fn monotonic(&self) -> Duration {
        if self.asked.fetch_add(1, Ordering::SeqCst) == 2 {
            std::panic::resume_unwind(Box::new("the clock panics"));
        }
        self.time.monotonic()
    }
}

#[tokio::test]
async fn a_clock_that_panics_when_a_fetch_lands_stops_no_later_fetch() {
    let time = TestClock::at_second(NOW);
    let issuer = TestIssuer::builder().with_clock(time.clone()).start().await;
    let clock = PanickingClock { asked: Arc::default(), time: time.clone() };
    let verifier = Verifier::builder(Issuer::new(issuer.url(), AUDIENCE)).with_clock(clock).build().unwrap();
    let first = verifier.verify(&issuer.token().sign()).await;
    assert_eq!(first.unwrap_err().reason(), Reason::KeysUnavailable);
    time.advance(Duration::from_secs(2));
    let second = verifier.verify(&issuer.token().sign()).await;
    assert!(second.is_ok(), "{second:?}");
}
