//! Tokens that are kept, and exchanges that are shared.

use std::time::Duration;

use claviger::Scopes;
use claviger_exchange::ExchangeError;
use claviger_exchange::TokenExchange;
use claviger_testing::Fault;
use claviger_testing::Gate;
use futures_util::future::join_all;
use http::StatusCode;
use secrecy::ExposeSecret;
use serde_json::json;

use super::INVENTORY;
use super::World;
use super::request;

async fn caching(tokens: usize) -> World {
    World::with(|exchanger| exchanger.with_cache(tokens)).await
}

#[tokio::test]
async fn nothing_is_kept_unless_that_is_asked_for() {
    let world = World::new().await;
    world.exchange().await.unwrap();
    world.exchange().await.unwrap();
    assert_eq!(world.issuer.token_requests().len(), 2);
}

#[tokio::test]
async fn a_token_is_kept_until_half_a_minute_before_it_expires() {
    let world = caching(10).await;
    let first = world.exchange().await.unwrap(); // for 300 s
    world.clock.advance(Duration::from_secs(269));
    let second = world.exchange().await.unwrap();
    assert_eq!(first.access_token().secret().expose_secret(), second.access_token().secret().expose_secret());
    assert_eq!(first.access_token().expires_at(), second.access_token().expires_at());
    assert_eq!(world.issuer.token_requests().len(), 1);

    // The age is what counts, and not what somebody has set the wall clock to.
    world.clock.step_wall(-200);
    world.clock.advance(Duration::from_secs(1));
    world.exchange().await.unwrap();
    assert_eq!(world.issuer.token_requests().len(), 2);
}

#[tokio::test]
async fn short_lives_are_kept_for_half_and_unknown_ones_not_at_all() {
    let world = caching(10).await;
    let asked = |request: &'static str| {
        let world = &world;
        async move {
            world.exchanger.exchange(&super::request(request)).await.unwrap();
            world.issuer.token_requests().len()
        }
    };
    world.issuer.answer_token(json!({ "access_token": "a", "expires_in": 10 }));
    assert_eq!(asked("short").await, 1);
    world.clock.advance(Duration::from_secs(4));
    assert_eq!(asked("short").await, 1);
    world.clock.advance(Duration::from_secs(1));
    assert_eq!(asked("short").await, 2);
    for answer in [json!({ "access_token": "a" }), json!({ "access_token": "a", "expires_in": 0 })] {
        world.issuer.answer_token(answer);
        let before = asked("none").await;
        assert_eq!(asked("none").await, before + 1);
    }
}

#[tokio::test]
async fn whatever_is_asked_for_otherwise_is_another_token() {
    let world = caching(100).await;
    let scopes = |scope: &str| Scopes::new([scope]).unwrap();
    let requests: [TokenExchange; 9] = [
        request("t"),
        request("u"),
        request("t").add_audience(INVENTORY),
        request("t").add_audience("https://other.example.com"),
        request("t").add_resource(INVENTORY),
        request("t").with_scopes(scopes("read")),
        request("t").with_scopes(scopes("write")),
        request("t").with_actor("a", claviger_exchange::TokenType::JWT),
        request("t").add_parameter("reason", "x"),
    ];
    for _ in 0..2 {
        for request in &requests {
            world.exchanger.exchange(request).await.unwrap();
        }
    }
    assert_eq!(world.issuer.token_requests().len(), requests.len());
}

#[tokio::test]
async fn no_more_are_kept_than_was_said() {
    let world = caching(3).await;
    for at in 0..50 {
        world.exchanger.exchange(&request(&format!("token {at}"))).await.unwrap();
    }
    assert_eq!(world.issuer.token_requests().len(), 50);
    for at in 0..50 {
        world.exchanger.exchange(&request(&format!("token {at}"))).await.unwrap();
    }
    assert!(world.issuer.token_requests().len() >= 97, "{}", world.issuer.token_requests().len());
}

#[tokio::test]
async fn a_crowd_waits_for_one_exchange_even_if_its_first_goes_away() {
    let world = caching(10).await;
    let gate = Gate::new();
    world.issuer.fail_token(Fault::Held(gate.clone()));
    let first = tokio::spawn({
        let exchanger = world.exchanger.clone();
        async move { exchanger.exchange(&request("a subject token")).await.map(drop) }
    });
    world.issuer.wait_for_token_requests(1).await;
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());

    let crowd = join_all((0..50).map(|_| world.exchange()));
    let opened = async {
        tokio::task::yield_now().await;
        gate.open();
    };
    let (crowd, ()) = tokio::join!(crowd, opened);
    assert!(crowd.iter().all(Result::is_ok));
    assert_eq!(world.issuer.token_requests().len(), 1);
}

#[tokio::test]
async fn a_failure_is_shared_and_not_kept() {
    let world = caching(10).await;
    world.issuer.fail_token(Fault::Status(StatusCode::BAD_GATEWAY));
    let crowd = join_all((0..10).map(|_| world.exchange())).await;
    assert!(crowd.iter().all(|outcome| matches!(outcome, Err(ExchangeError::Refused { .. }))));
    assert_eq!(world.issuer.token_requests().len(), 1);
    world.issuer.recover();
    assert!(world.exchange().await.is_ok());
    assert_eq!(world.issuer.token_requests().len(), 2);
}
