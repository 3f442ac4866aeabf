//! Section 3 of the contract, as far as it is seen from a request.

use std::time::Duration;

use claviger::AuthConfig;
use claviger::AuthLayer;
use claviger::Issuer;
use claviger::KeyErrorKind;
use claviger::KeyState;
use claviger::error::Reason;
use claviger_testing::Fault;
use claviger_testing::SigningAlgorithm;
use claviger_testing::SigningKey;
use claviger_testing::TestClock;
use claviger_testing::TestIssuer;
use http::StatusCode;

use crate::support::AUDIENCE;
use crate::support::Api;
use crate::support::NOW;
use crate::support::new_key;

#[tokio::test]
async fn keys_are_fetched_on_first_use_and_then_kept() {
    let api = Api::serving().await;
    assert_eq!(api.issuer.fetches().jwks(), 0);
    for _ in 0..3 {
        api.show(&api.token().sign()).await.assert_passed();
    }
    assert_eq!((api.issuer.fetches().discovery(), api.issuer.fetches().jwks()), (1, 1));
}

#[tokio::test]
async fn an_issuer_that_is_down_is_503_and_then_backed_off() {
    let api = Api::serving().await;
    for fault in [Fault::Status(StatusCode::BAD_GATEWAY), Fault::Html, Fault::Reset] {
        api.issuer.fail_jwks(fault);
        api.show(&api.token().sign()).await.assert_unavailable();
        let asked = api.issuer.fetches().jwks();
        api.show(&api.token().sign()).await.assert_unavailable();
        assert_eq!(api.issuer.fetches().jwks(), asked, "a second request within the back-off asks nobody");
        api.clock.advance(Duration::from_secs(72));
    }
    api.issuer.recover();
    api.show(&api.token().sign()).await.assert_passed();
}

#[tokio::test]
async fn a_rotated_key_is_seen_by_the_request_that_needs_it() {
    let api = Api::serving().await;
    let before = api.token().sign();
    api.show(&before).await.assert_passed();
    api.issuer.rotate(new_key("2"));
    api.show(&api.token().sign()).await.assert_passed();
    assert_eq!(api.issuer.fetches().jwks(), 2);
}

#[tokio::test]
async fn invented_key_ids_cost_the_budget_and_no_more() {
    let api = Api::serving().await;
    api.show(&api.token().sign()).await.assert_passed();
    for at in 0..50 {
        let junk = api.show(&api.token().header("kid", format!("junk-{at}")).sign()).await;
        if at < 2 { junk.assert_invalid_token(Reason::UnknownKey) } else { junk.assert_retry_later(30) }
    }
    assert_eq!(api.issuer.fetches().jwks(), 1 + 2);
    api.show(&api.token().sign()).await.assert_passed();
    api.clock.advance(Duration::from_secs(30));
    api.issuer.rotate(new_key("2"));
    api.show(&api.token().sign()).await.assert_passed();
    assert_eq!(api.issuer.fetches().jwks(), 1 + 2 + 1);
}

#[tokio::test]
async fn an_unknown_key_while_the_issuer_is_down_is_503_and_known_keys_serve_on() {
    let api = Api::serving().await;
    api.show(&api.token().sign()).await.assert_passed();
    let known = api.token().sign();
    api.issuer.rotate(new_key("2"));
    api.issuer.fail_discovery(Fault::Status(StatusCode::SERVICE_UNAVAILABLE));
    api.show(&api.token().sign()).await.assert_unavailable();
    api.show(&known).await.assert_passed();
}

#[tokio::test]
async fn old_keys_serve_for_an_hour_past_their_lifetime_and_not_longer() {
    let api = Api::serving().await;
    let token = || api.token().sign();
    api.show(&token()).await.assert_passed();
    api.issuer.fail_discovery(Fault::Close);
    api.clock.advance(Duration::from_secs(600 + 3599));
    api.show(&token()).await.assert_passed();
    api.clock.advance(Duration::from_secs(61));
    api.show(&token()).await.assert_unavailable();
    api.issuer.recover();
    api.clock.advance(Duration::from_secs(72));
    api.show(&token()).await.assert_passed();
}

#[tokio::test]
async fn a_removed_key_is_refused_from_the_next_refresh_on() {
    let api = Api::serving().await;
    let old = api.issuer.current_key();
    api.show(&api.token().sign()).await.assert_passed();
    api.issuer.replace_keys(vec![new_key("2")]);
    api.clock.advance(Duration::from_secs(601));
    api.show(&api.token().sign()).await.assert_passed();
    api.show(&api.token().signed_by(&old).sign()).await.assert_invalid_token(Reason::UnknownKey);
}

#[tokio::test]
async fn same_kid_with_new_material_is_found_by_one_refetch() {
    let api = Api::serving().await;
    let kid = api.issuer.current_key().key_id().unwrap().to_owned();
    api.show(&api.token().sign()).await.assert_passed();
    api.issuer.replace_keys(vec![new_key(&kid)]);
    api.show(&api.token().sign()).await.assert_passed();
    let forged = api.token().signed_by(&new_key(&kid)).sign();
    api.show(&forged).await.assert_invalid_token(Reason::BadSignature);
    assert_eq!(api.issuer.fetches().jwks(), 2, "one refetch in five minutes for bad signatures");
}

#[tokio::test]
async fn status_tells_how_the_keys_stand() {
    let clock = TestClock::at_second(NOW);
    let issuer = TestIssuer::builder().with_clock(clock.clone()).start().await;
    let cfg = AuthConfig::builder(Issuer::new(issuer.url(), AUDIENCE)).with_clock(clock.clone()).build().unwrap();
    let status = || cfg.verifier().status().remove(0);
    assert_eq!((status().state, status().generation), (KeyState::Empty, 0));
    cfg.verifier().refresh_now().await.unwrap();
    assert_eq!((status().state, status().generation, status().age), (KeyState::Fresh, 1, Some(Duration::ZERO)));
    assert_eq!(status().key_ids, [issuer.current_key().key_id().unwrap()]);
    cfg.verifier().refresh_now().await.unwrap();
    assert_eq!(status().generation, 1, "confirmed, not changed");
    issuer.publish(new_key("2"));
    cfg.verifier().refresh_now().await.unwrap();
    assert_eq!(status().generation, 2);
    clock.advance(Duration::from_secs(700));
    assert_eq!(status().state, KeyState::Stale);
    issuer.fail_jwks(Fault::Status(StatusCode::NOT_FOUND));
    assert_eq!(cfg.verifier().refresh_now().await.unwrap_err().reason(), Reason::KeysUnavailable);
    assert_eq!(status().last_error.unwrap().kind(), KeyErrorKind::Status);
    clock.advance(Duration::from_secs(3600));
    assert_eq!(status().state, KeyState::Expired);
    assert_eq!((status().counters.fetches, status().counters.failures), (4, 1));
}

#[tokio::test]
async fn counters_tell_what_junk_has_cost() {
    let clock = TestClock::at_second(NOW);
    let issuer = TestIssuer::builder().with_clock(clock.clone()).start().await;
    let cfg = AuthConfig::builder(Issuer::new(issuer.url(), AUDIENCE)).with_clock(clock).build().unwrap();
    for at in 0..10 {
        let junk = issuer.token().header("kid", format!("junk-{at}")).sign();
        let expected = if at < 3 { Reason::UnknownKey } else { Reason::RefetchExhausted };
        assert_eq!(cfg.verifier().verify(&junk).await.unwrap_err().reason(), expected);
    }
    let counters = cfg.verifier().status()[0].counters;
    assert_eq!((counters.fetches, counters.refetches, counters.refetches_denied), (3, 2, 7));
}

#[tokio::test]
async fn ready_fetches_what_is_not_at_hand_and_nothing_else() {
    let clock = TestClock::at_second(NOW);
    let (up, down) = (TestIssuer::builder().with_clock(clock.clone()).start().await, TestIssuer::start().await);
    down.fail_jwks(Fault::Status(StatusCode::NOT_FOUND));
    let trusted = |issuer: &TestIssuer| Issuer::new(issuer.url(), AUDIENCE);
    let alone = AuthConfig::builder(trusted(&up)).with_clock(clock.clone()).build().unwrap();
    let auth = AuthLayer::new(alone);
    auth.ready().await.unwrap();
    auth.ready().await.unwrap();
    assert_eq!(up.fetches().jwks(), 1);
    let both = AuthConfig::builder(trusted(&up)).add_issuer(trusted(&down)).with_clock(clock).build().unwrap();
    let error = AuthLayer::new(both.clone()).ready().await.unwrap_err();
    assert_eq!((error.reason(), error.facts().unwrap().issuer()), (Reason::KeysUnavailable, Some(down.url())));
    assert!(both.verifier().verify(&up.token().sign()).await.is_ok());
}

#[tokio::test]
async fn the_same_key_for_another_algorithm_is_another_set() {
    let key = SigningKey::generate(SigningAlgorithm::Rs256).with_key_id("1");
    let api = Api::serving_with(|issuer| issuer).await;
    api.issuer.replace_keys(vec![key.clone().with_member("alg", "RS256")]);
    api.show(&api.token().signed_by(&key).sign()).await.assert_passed();
    api.issuer.replace_keys(vec![key.clone().with_member("alg", "PS256")]);
    let as_ps256 = key.with_algorithm(SigningAlgorithm::Ps256);
    api.show(&api.token().signed_by(&as_ps256).sign()).await.assert_passed();
    api.show(&api.token().signed_by(&key).sign()).await.assert_invalid_token(Reason::UnknownKey);
}
