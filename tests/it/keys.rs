//! Section 3 of the contract, as far as it is seen from a request.

use std::time::Duration;

use claviger::AuthConfig;
use claviger::Fetch;
use claviger::FetchFuture;
use claviger::Issuer;
use claviger::KeyState;
use claviger::Verifier;
use claviger::error::Reason;
use claviger_testing::Fault;
use claviger_testing::Gate;
use claviger_testing::SigningAlgorithm;
use claviger_testing::SigningKey;
use claviger_testing::TestClock;
use claviger_testing::TestIssuer;
use claviger_testing::TestIssuerBuilder;
use http::Request;
use http::StatusCode;

use crate::support::AUDIENCE;
use crate::support::Api;
use crate::support::NOW;

async fn api_of(change: fn(TestIssuerBuilder) -> TestIssuerBuilder) -> Api {
    let clock = TestClock::at_second(NOW);
    let issuer = change(TestIssuer::builder().with_clock(clock.clone())).start().await;
    Api::fetching(issuer, clock)
}

async fn api() -> Api {
    api_of(|issuer| issuer).await
}

fn new_key(id: &str) -> SigningKey {
    SigningKey::generate(SigningAlgorithm::Es256).with_key_id(id)
}

#[tokio::test]
async fn keys_are_fetched_on_first_use_and_then_kept() {
    let api = api().await;
    assert_eq!(api.issuer.fetches().jwks(), 0);
    for _ in 0..3 {
        api.show(&api.token().sign()).await.assert_passed();
    }
    assert_eq!((api.issuer.fetches().discovery(), api.issuer.fetches().jwks()), (1, 1));
}

#[tokio::test]
async fn discovery_is_found_in_each_of_its_places() {
    for change in [
        (|issuer| issuer.with_path("/tenant/1")) as fn(TestIssuerBuilder) -> TestIssuerBuilder,
        |issuer| issuer.with_path("/"),
        TestIssuerBuilder::without_server_metadata,
        TestIssuerBuilder::without_openid_configuration,
        |issuer| issuer.with_path("/tenant/1").without_openid_configuration(),
    ] {
        let api = api_of(change).await;
        api.show(&api.token().sign()).await.assert_passed();
    }
}

#[tokio::test]
async fn metadata_of_another_issuer_is_a_fault_of_ours_and_not_of_the_token() {
    let api = api().await;
    api.issuer.set_discovery_member("issuer", "https://other.example");
    api.show(&api.token().sign()).await.assert_unavailable();
    assert_eq!(api.issuer.fetches().jwks(), 0);
}

#[tokio::test]
async fn many_first_requests_are_one_fetch() {
    let api = api().await;
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
    let api = api().await;
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

#[tokio::test]
async fn an_issuer_that_is_down_is_503_and_then_backed_off() {
    let api = api().await;
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
async fn documents_that_are_no_key_set_bring_no_keys() {
    let api = api().await;
    for document in ["", "{}", "{\"keys\":[]}", "{\"keys\":[],\"keys\":[]}", "[]", "\u{feff}{\"keys\":[]}"] {
        api.issuer.set_jwks(document);
        api.show(&api.token().sign()).await.assert_unavailable();
        api.clock.advance(Duration::from_secs(72));
    }
    let fault = Fault::Redirect(api.issuer.jwks_uri());
    api.issuer.fail_jwks(fault);
    api.show(&api.token().sign()).await.assert_unavailable();
    api.clock.advance(Duration::from_secs(72));
    api.issuer.fail_jwks(Fault::GzipBomb { decoded: 257 * 1024 });
    api.show(&api.token().sign()).await.assert_unavailable();
}

#[tokio::test]
async fn a_rotated_key_is_seen_by_the_request_that_needs_it() {
    let api = api().await;
    let before = api.token().sign();
    api.show(&before).await.assert_passed();
    api.issuer.rotate(new_key("2"));
    api.show(&api.token().sign()).await.assert_passed();
    assert_eq!(api.issuer.fetches().jwks(), 2);
}

#[tokio::test]
async fn invented_key_ids_cost_the_budget_and_no_more() {
    let api = api().await;
    api.show(&api.token().sign()).await.assert_passed();
    for at in 0..50 {
        let junk = api.token().header("kid", format!("junk-{at}")).sign();
        api.show(&junk).await.assert_invalid_token(Reason::UnknownKey);
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
    let api = api().await;
    api.show(&api.token().sign()).await.assert_passed();
    let known = api.token().sign();
    api.issuer.rotate(new_key("2"));
    api.issuer.fail_discovery(Fault::Status(StatusCode::SERVICE_UNAVAILABLE));
    api.show(&api.token().sign()).await.assert_unavailable();
    api.show(&known).await.assert_passed();
}

#[tokio::test]
async fn old_keys_serve_for_an_hour_past_their_lifetime_and_not_longer() {
    let api = api().await;
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
    let api = api().await;
    let old = api.issuer.current_key();
    api.show(&api.token().sign()).await.assert_passed();
    api.issuer.replace_keys(vec![new_key("2")]);
    api.clock.advance(Duration::from_secs(601));
    api.show(&api.token().sign()).await.assert_passed();
    api.show(&api.token().signed_by(&old).sign()).await.assert_invalid_token(Reason::UnknownKey);
}

#[tokio::test]
async fn same_kid_with_new_material_is_found_by_one_refetch() {
    let api = api().await;
    let kid = api.issuer.current_key().key_id().unwrap().to_owned();
    api.show(&api.token().sign()).await.assert_passed();
    api.issuer.replace_keys(vec![new_key(&kid)]);
    api.show(&api.token().sign()).await.assert_passed();
    let forged = api.token().signed_by(&new_key(&kid)).sign();
    api.show(&forged).await.assert_invalid_token(Reason::BadSignature);
    assert_eq!(api.issuer.fetches().jwks(), 2, "one refetch in five minutes for bad signatures");
}

#[tokio::test]
async fn one_bad_key_does_not_spoil_the_others() {
    let api = api().await;
    api.issuer.publish(SigningKey::generate_rsa(SigningAlgorithm::Rs256, 1024).with_key_id("weak"));
    api.issuer.publish(new_key("off").with_member("x", "AAAA"));
    api.show(&api.token().sign()).await.assert_passed();
}

#[tokio::test]
async fn fetch_base_url_reaches_an_issuer_that_has_another_name_here() {
    let clock = TestClock::at_second(NOW);
    let issuer =
        TestIssuer::builder().with_issuer("https://login.example.com/realm").with_clock(clock.clone()).start().await;
    let trusted = Issuer::new(issuer.url(), AUDIENCE).with_fetch_base_url(issuer.base_url());
    let api = Api::guarded(issuer, clock, trusted, |settings| settings);
    api.show(&api.token().sign()).await.assert_passed();
}

#[tokio::test]
async fn a_jwks_uri_or_discovery_url_is_used_as_it_is() {
    let clock = TestClock::at_second(NOW);
    let issuer = TestIssuer::builder().with_issuer("https://login.example.com").with_clock(clock.clone()).start().await;
    let direct = Issuer::new(issuer.url(), AUDIENCE).with_jwks_uri(issuer.jwks_uri());
    let verifier = Verifier::builder(direct).with_clock(clock).build().unwrap();
    assert!(verifier.verify(&issuer.token().sign()).await.is_ok());
    assert_eq!(issuer.fetches().discovery(), 0);

    let clock = TestClock::at_second(NOW);
    let issuer = TestIssuer::builder().with_clock(clock.clone()).without_openid_configuration().start().await;
    let explicit = Issuer::new(issuer.url(), AUDIENCE).with_discovery_url(issuer.server_metadata_url());
    let verifier = Verifier::builder(explicit).with_clock(clock).build().unwrap();
    assert!(verifier.verify(&issuer.token().sign()).await.is_ok());
    assert_eq!((issuer.fetches().discovery(), issuer.fetches().jwks()), (1, 1));
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
    clock.advance(Duration::from_secs(700));
    assert_eq!(status().state, KeyState::Stale);
    issuer.fail_jwks(Fault::Status(StatusCode::NOT_FOUND));
    assert_eq!(cfg.verifier().refresh_now().await.unwrap_err().reason(), Reason::KeysUnavailable);
    assert!(status().last_error.unwrap().contains("404"));
    clock.advance(Duration::from_secs(3600));
    assert_eq!(status().state, KeyState::Expired);
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
    let began = tokio::time::Instant::now();
    let error = verifier.verify(&issuer.token().sign()).await.unwrap_err();
    assert_eq!(error.reason(), Reason::KeysUnavailable);
    assert_eq!(began.elapsed().as_secs(), 2);
}
