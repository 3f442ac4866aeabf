//! Where the token endpoint is, and that nothing goes to a worse place.

use std::time::Duration;

use claviger_exchange::ClientAuthentication;
use claviger_exchange::ExchangeError;
use claviger_exchange::Exchanger;
use claviger_exchange::TokenEndpoint;
use claviger_testing::Fault;
use claviger_testing::TestClock;
use claviger_testing::TestIssuer;
use claviger_testing::TestIssuerBuilder;
use futures_util::future::join_all;
use http::StatusCode;
use serde_json::json;

use super::World;
use super::request;
use crate::support::NOW;
use crate::support::Relay;

#[tokio::test]
async fn it_is_discovered_once_an_hour() {
    let world = World::new().await;
    for _ in 0..3 {
        world.exchange().await.unwrap();
    }
    assert_eq!(world.issuer.fetches().discovery(), 1);
    world.clock.advance(Duration::from_secs(3600));
    world.exchange().await.unwrap();
    assert_eq!(world.issuer.fetches().discovery(), 2);

    world.clock.advance(Duration::from_secs(3600));
    world.issuer.fail_discovery(Fault::Status(StatusCode::BAD_GATEWAY));
    assert!(world.exchange().await.is_ok(), "an old address is better than none");
}

#[tokio::test]
async fn an_issuer_that_hangs_does_not_take_the_time_of_the_exchange() {
    let world = World::with(|exchanger| exchanger.with_timeout(Duration::from_secs(1))).await;
    world.exchange().await.unwrap();
    world.clock.advance(Duration::from_secs(3600));
    world.issuer.fail_discovery(Fault::Hang);
    let (one, other) = tokio::join!(world.exchange(), world.exchange());
    assert!(one.is_ok() && other.is_ok());
    assert_eq!(world.issuer.fetches().discovery(), 2, "one of them has looked");
}

/// TCP acknowledges what is sent, and nothing ever comes back: it costs one exchange its deadline.
#[tokio::test]
async fn a_connection_that_serves_again_is_closed_when_it_went_deaf() {
    let issuer = TestIssuer::start().await;
    let relay = Relay::to(issuer.address()).await;
    let endpoint = TokenEndpoint::at(issuer.token_endpoint().replace(&issuer.base_url(), &relay.origin()));
    let builder = Exchanger::builder(endpoint, ClientAuthentication::basic("reports", "secret"));
    let exchanger = builder.with_timeout(Duration::from_secs(1)).build().unwrap();
    let exchange = async || exchanger.exchange(&request("a subject token")).await;
    for _ in 0..3 {
        assert!(exchange().await.is_ok());
        assert_eq!(relay.connections(), 1);
    }
    relay.go_deaf();
    assert!(matches!(exchange().await, Err(ExchangeError::Deadline)));
    relay.closed().await;
    for _ in 0..3 {
        assert!(exchange().await.is_ok());
        assert_eq!(relay.connections(), 2);
    }
}

#[tokio::test]
async fn a_crowd_discovers_it_once() {
    let world = World::new().await;
    let crowd = join_all((0..20).map(|_| world.exchange())).await;
    assert!(crowd.iter().all(Result::is_ok));
    assert_eq!((world.issuer.fetches().discovery(), world.issuer.token_requests().len()), (1, 20));
}

#[tokio::test]
async fn it_is_found_as_either_standard_has_it() {
    let shapes: [fn(TestIssuerBuilder) -> TestIssuerBuilder; 3] = [
        |issuer| issuer.with_path("/tenant1/"),
        |issuer| issuer.with_path("/tenant1").without_openid_configuration(),
        |issuer| issuer.without_server_metadata(),
    ];
    for shape in shapes {
        let issuer = shape(TestIssuer::builder()).start().await;
        let endpoint = TokenEndpoint::of_issuer(issuer.url());
        let exchanger = Exchanger::builder(endpoint, ClientAuthentication::none("c")).build().unwrap();
        exchanger.exchange(&request("t")).await.unwrap();
        assert_eq!(issuer.token_requests().len(), 1, "{}", issuer.url());
    }
}

#[tokio::test]
async fn metadata_that_cannot_be_used_are_told_and_nothing_is_sent() {
    for (member, value, says) in [
        ("token_endpoint", json!(null), "token_endpoint"),
        ("token_endpoint", json!("http://tokens.example.com/token"), "https"),
        ("token_endpoint", json!("https://user:pass@tokens.example.com/token"), "https"),
        ("token_endpoint", json!("token"), "https"),
        ("token_endpoint", json!(1), "no metadata"),
        ("issuer", json!("https://attacker.example.com"), "another issuer"),
    ] {
        let world = World::new().await;
        world.issuer.set_discovery_member(member, value.clone());
        let error = world.exchange().await.unwrap_err();
        assert!(matches!(&error, ExchangeError::Discovery(why) if why.contains(says)), "{value}: {error}");
        assert_eq!(world.issuer.token_requests().len(), 0);
        assert_eq!(error.status(), StatusCode::BAD_GATEWAY);
    }
    let world = World::new().await;
    world.issuer.fail_discovery(Fault::Status(StatusCode::NOT_FOUND));
    assert!(matches!(world.exchange().await.unwrap_err(), ExchangeError::Discovery(_)));
    world.issuer.recover();
    assert!(world.exchange().await.is_ok(), "a failure is not remembered");
}

#[tokio::test]
async fn a_given_address_needs_no_discovery() {
    let issuer = TestIssuer::builder().with_clock(TestClock::at_second(NOW)).start().await;
    let endpoint = TokenEndpoint::at(issuer.token_endpoint());
    let exchanger = Exchanger::builder(endpoint, ClientAuthentication::none("c")).build().unwrap();
    exchanger.exchange(&request("t")).await.unwrap();
    assert_eq!((issuer.token_requests().len(), issuer.fetches().discovery()), (1, 0));
}

#[test]
fn a_wrong_configuration_is_told_as_a_whole() {
    let paths = |endpoint, client| {
        let error = Exchanger::builder(endpoint, client).with_max_bytes(0).with_cache(0).build().unwrap_err();
        error.problems().iter().map(|problem| problem.path().to_owned()).collect::<Vec<_>>()
    };
    for url in ["http://tokens.example.com", "https://u@tokens.example.com", "https://t.example#f", "ftp://t", "", "x"]
    {
        assert_eq!(
            paths(TokenEndpoint::at(url), ClientAuthentication::basic("", " ")),
            ["token_endpoint", "client_id", "client_secret", "max_bytes", "cache"],
            "{url}"
        );
        assert_eq!(
            paths(TokenEndpoint::of_issuer(url), ClientAuthentication::mutual_tls("c", "no PEM")),
            ["issuer", "max_bytes", "cache", "client_certificate"],
            "{url}"
        );
    }
}
