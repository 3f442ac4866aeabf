//! Section 3 of the contract: the documents that keys come from, and how often they are asked for.

use std::time::Duration;

use claviger::Issuer;
use claviger::KeyErrorKind;
use claviger::KeySettings;
use claviger::Verifier;
use claviger::error::Failure;
use claviger::error::Reason;
use claviger::error::Refusal;
use claviger_testing::Fault;
use claviger_testing::SigningAlgorithm;
use claviger_testing::SigningKey;
use claviger_testing::TestClock;
use claviger_testing::TestIssuer;
use claviger_testing::TestIssuerBuilder;
use http::StatusCode;
use http::header::ETAG;
use http::header::IF_NONE_MATCH;

use crate::support::AUDIENCE;
use crate::support::Api;
use crate::support::NOW;
use crate::support::new_key;

#[tokio::test]
async fn discovery_is_found_in_each_of_its_places() {
    for change in [
        (|issuer| issuer.with_path("/tenant/1")) as fn(TestIssuerBuilder) -> TestIssuerBuilder,
        |issuer| issuer.with_path("/"),
        TestIssuerBuilder::without_server_metadata,
        TestIssuerBuilder::without_openid_configuration,
        |issuer| issuer.with_path("/tenant/1").without_openid_configuration(),
    ] {
        let api = Api::serving_with(change).await;
        api.show(&api.token().sign()).await.assert_passed();
    }
}

#[tokio::test]
async fn metadata_of_another_issuer_is_a_fault_of_ours_and_not_of_the_token() {
    let api = Api::serving().await;
    api.issuer.set_discovery_member("issuer", "https://other.example");
    api.show(&api.token().sign()).await.assert_unavailable();
    assert_eq!(api.issuer.fetches().jwks(), 0);
}

#[tokio::test]
async fn documents_that_are_no_key_set_bring_no_keys() {
    let api = Api::serving().await;
    for document in ["", "{}", "{\"keys\":[]}", "{\"keys\":[],\"keys\":[]}", "[]", "\u{feff}{\"keys\":[]}"] {
        api.issuer.set_jwks(document);
        api.show(&api.token().sign()).await.assert_unavailable();
        api.clock.advance(Duration::from_secs(72));
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed_wherever_it_leads() {
    let api = Api::serving().await;
    let elsewhere = TestIssuer::builder().with_key(api.issuer.current_key()).start().await;
    api.issuer.fail_jwks(Fault::Redirect(elsewhere.jwks_uri()));
    api.show(&api.token().sign()).await.assert_unavailable();
    assert_eq!(elsewhere.fetches().jwks(), 0);
    api.issuer.recover();
    api.clock.advance(Duration::from_secs(2));
    api.issuer.fail_discovery(Fault::Redirect(elsewhere.discovery_url()));
    api.show(&api.token().sign()).await.assert_unavailable();
    assert_eq!(elsewhere.fetches().discovery(), 0);
}

#[tokio::test]
async fn the_size_is_limited_after_decompression() {
    for (decoded, taken) in [(256 * 1024, true), (256 * 1024 + 1, false), (64 << 20, false)] {
        let api = Api::serving().await;
        api.issuer.fail_jwks(Fault::GzipBomb { decoded });
        let answer = api.show(&api.token().sign()).await;
        if taken { answer.assert_passed() } else { answer.assert_unavailable() }
    }
}

#[tokio::test]
async fn one_bad_key_does_not_spoil_the_others() {
    let api = Api::serving().await;
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
async fn fetch_base_url_moves_a_discovery_url_of_the_issuers_own_origin_too() {
    let clock = TestClock::at_second(NOW);
    let issuer = TestIssuer::builder().with_issuer("https://login.example.com").with_clock(clock.clone()).start().await;
    let trusted = Issuer::new(issuer.url(), AUDIENCE)
        .with_discovery_url("https://login.example.com/.well-known/oauth-authorization-server")
        .with_fetch_base_url(issuer.base_url());
    let api = Api::guarded(issuer, clock, trusted, |settings| settings);
    api.show(&api.token().sign()).await.assert_passed();
}

/// Every refusal that it causes would repeat it to the log.
#[tokio::test]
async fn an_endless_jwks_uri_in_the_metadata_is_not_followed() {
    let api = Api::serving().await;
    let long = format!("{}?{}", api.issuer.jwks_uri(), "a".repeat(200_000));
    api.issuer.set_discovery_member("jwks_uri", &*long);
    let verifier = Verifier::builder(Issuer::new(api.issuer.url(), AUDIENCE)).with_clock(api.clock).build().unwrap();
    let refused = verifier.verify(&api.issuer.token().sign()).await.unwrap_err();
    assert_eq!(refused.reason(), Reason::KeysUnavailable);
    assert!(refused.to_string().len() < 1000, "{}", refused.to_string().len());
}

#[tokio::test]
async fn plain_http_in_the_metadata_is_not_followed() {
    let api = Api::serving().await;
    api.issuer.set_discovery_member("jwks_uri", "http://keys.example.com/jwks");
    api.show(&api.token().sign()).await.assert_unavailable();
}

#[tokio::test]
async fn another_issuer_in_the_metadata_of_a_refresh_keeps_the_old_keys() {
    let api = Api::serving().await;
    api.show(&api.token().sign()).await.assert_passed();
    let old = api.issuer.current_key();
    api.issuer.set_discovery_member("issuer", "https://other.example");
    api.issuer.rotate(new_key("2"));
    api.clock.advance(Duration::from_secs(700));
    api.show(&api.token().signed_by(&old).sign()).await.assert_passed();
    api.clock.advance(Duration::from_secs(72));
    api.show(&api.token().sign()).await.assert_unavailable();
    assert_eq!(api.issuer.fetches().jwks(), 1);
}

/// The operator's fault, or that of the address: a client that gave its token up for it could do nothing about it.
#[tokio::test]
async fn another_issuer_in_the_metadata_is_a_fault_of_its_own_kind_and_never_the_tokens() {
    for is_cold in [true, false] {
        let api = Api::serving().await;
        let trusted = Issuer::new(api.issuer.url(), AUDIENCE);
        let verifier = Verifier::builder(trusted).with_clock(api.clock.clone()).build().unwrap();
        if !is_cold {
            verifier.ready().await.unwrap();
        }
        api.issuer.set_discovery_member("issuer", "https://other.example");
        api.issuer.rotate(new_key("2"));
        let of_token = verifier.verify(&api.token().sign()).await.unwrap_err();
        let of_operator = if is_cold { verifier.ready().await } else { verifier.refresh_now().await };
        for error in [of_token, of_operator.unwrap_err()] {
            assert!(matches!(error.failure(), Failure::IssuerMismatch { .. }), "{error}");
            assert_eq!(error.reason(), Reason::KeysUnavailable);
            assert!(matches!(error.refusal(), Refusal::Unavailable { .. }));
            let text = error.to_string();
            assert!(text.contains("https://other.example") && text.contains(api.issuer.url()), "{text}");
            assert!(!text.contains("unavailable"), "{text}");
        }
        assert_eq!(verifier.status()[0].last_error.as_ref().unwrap().kind(), KeyErrorKind::IssuerMismatch);
        api.show(&api.token().sign()).await.assert_unavailable();
    }
}

#[tokio::test]
async fn an_unchanged_set_is_confirmed_by_its_validator() {
    let api = Api::serving().await;
    api.issuer.set_etag("\"1\"");
    api.show(&api.token().sign()).await.assert_passed();
    assert!(!api.issuer.fetches().last_jwks_headers().unwrap().contains_key(IF_NONE_MATCH));
    for fetches in 2..4 {
        api.clock.advance(Duration::from_secs(601));
        api.show(&api.token().sign()).await.assert_passed();
        assert_eq!(api.issuer.fetches().jwks(), fetches);
        assert_eq!(api.issuer.fetches().last_jwks_headers().unwrap()[IF_NONE_MATCH], "\"1\"");
    }
}

#[tokio::test]
async fn a_304_that_nobody_asked_for_is_a_failed_try_that_keeps_the_set() {
    let clock = TestClock::at_second(NOW);
    let issuer = TestIssuer::builder().with_clock(clock.clone()).start().await;
    issuer.remove_header(&ETAG);
    issuer.remove_etag();
    let trusted = Issuer::new(issuer.url(), AUDIENCE);
    let verifier = Verifier::builder(trusted).with_clock(clock).build().unwrap();
    verifier.refresh_now().await.unwrap();
    issuer.fail_jwks(Fault::Status(StatusCode::NOT_MODIFIED));
    let error = verifier.refresh_now().await.unwrap_err();
    assert_eq!(error.reason(), Reason::KeysUnavailable);
    assert_eq!(error.facts().unwrap().issuer(), Some(issuer.url()));
    assert!(verifier.verify(&issuer.token().sign()).await.is_ok());
    assert!(verifier.status()[0].last_error.as_ref().unwrap().to_string().contains("304"));
}

#[tokio::test]
async fn the_lifetime_that_an_answer_states_is_kept_within_its_bounds() {
    for (stated, refreshed_after) in
        [("max-age=1", 60), ("no-store", 60), ("max-age=120", 120), ("max-age=99999999", 3600)]
    {
        let api = Api::serving().await;
        api.issuer.set_cache_control(stated);
        api.show(&api.token().sign()).await.assert_passed();
        // Before four fifths of it, less a tenth for jitter, nobody asks again; past all of it the request waits.
        api.clock.advance(Duration::from_secs(refreshed_after * 7 / 10));
        api.show(&api.token().sign()).await.assert_passed();
        assert_eq!(api.issuer.fetches().jwks(), 1, "{stated}");
        api.clock.advance(Duration::from_secs(refreshed_after * 3 / 10 + 1));
        api.show(&api.token().sign()).await.assert_passed();
        assert_eq!(api.issuer.fetches().jwks(), 2, "{stated}");
    }
}

#[tokio::test]
async fn the_limit_counts_keys_before_any_is_skipped() {
    let clock = TestClock::at_second(NOW);
    let issuer = TestIssuer::builder().with_clock(clock.clone()).start().await;
    issuer.publish(new_key("2").with_member("use", "enc"));
    issuer.publish(new_key("3").with_member("kty", "oct"));
    for (max_keys, taken) in [(2, false), (3, true)] {
        let mut keys = KeySettings::default();
        keys.max_keys = max_keys;
        let trusted = Issuer::new(issuer.url(), AUDIENCE);
        let verifier = Verifier::builder(trusted).with_clock(clock.clone()).with_keys(keys).build().unwrap();
        assert_eq!(verifier.verify(&issuer.token().sign()).await.is_ok(), taken, "{max_keys}");
    }
}
