//! Section 3 of the contract, the row "unknown `kid`" and the two behind it: who is asked for, who waits, and what is
//! answered where nobody can be asked.

use std::time::Duration;

use claviger::Issuer;
use claviger::Profile;
use claviger::error::Reason;
use claviger_testing::Fault;
use claviger_testing::SigningAlgorithm;
use claviger_testing::SigningKey;
use claviger_testing::TestClock;
use claviger_testing::TestIssuer;
use http::StatusCode;
use http::header::AGE;
use http::header::CACHE_CONTROL;

use crate::support::AUDIENCE;
use crate::support::Answer;
use crate::support::Api;
use crate::support::NOW;
use crate::support::new_key;

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

async fn junk(api: &Api, at: usize) -> Answer {
    api.show(&api.token().header("kid", format!("junk-{at}")).sign()).await
}

/// Its keys are at hand, and junk has used up what it may be asked for others.
async fn exhausted() -> Api {
    let api = Api::serving().await;
    api.show(&api.token().sign()).await.assert_passed();
    for at in 0..2 {
        junk(&api, at).await.assert_invalid_token(Reason::UnknownKey);
    }
    api
}

async fn with_profile_jwt(issuer: TestIssuer, clock: TestClock) -> Api {
    let trusted = Issuer::new(issuer.url(), AUDIENCE).with_profile(Profile::Jwt);
    Api::guarded(issuer, clock, trusted, |settings| settings)
}

#[tokio::test]
async fn three_junk_kids_and_then_a_rotation_make_no_good_token_invalid() {
    let api = exhausted().await;
    junk(&api, 2).await.assert_retry_later(30);
    api.issuer.rotate(new_key("2"));
    for second in 0..30 {
        api.show(&api.token().sign()).await.assert_retry_later(30 - second);
        api.clock.advance(seconds(1));
    }
    api.show(&api.token().sign()).await.assert_passed();
    assert_eq!(api.issuer.fetches().jwks(), 1 + 2 + 1);
}

/// better-auth makes the key of an algorithm when it is first used.
#[tokio::test]
async fn an_issuer_that_makes_a_key_for_each_algorithm_on_first_use_is_never_called_invalid() {
    let api = Api::serving().await;
    let algorithms =
        [SigningAlgorithm::Es256, SigningAlgorithm::Ed25519, SigningAlgorithm::Ps256, SigningAlgorithm::Rs256];
    for (at, algorithm) in algorithms.into_iter().enumerate() {
        let key = SigningKey::generate(algorithm).with_key_id(format!("of-{at}"));
        api.issuer.publish(key.clone());
        let token = || api.token().signed_by(&key).sign();
        if at == 3 {
            api.show(&token()).await.assert_retry_later(30);
            api.clock.advance(seconds(30));
        }
        api.show(&token()).await.assert_passed();
    }
}

#[tokio::test]
async fn junk_signatures_blind_nobody_to_the_rotation_of_an_issuer_without_key_ids() {
    let nameless = || SigningKey::generate(SigningAlgorithm::Es256).without_key_id();
    let api =
        Api::serving_with(|issuer| issuer.with_key(SigningKey::generate(SigningAlgorithm::Es256).without_key_id()))
            .await;
    api.show(&api.token().sign()).await.assert_passed();
    let forged = || api.token().signed_by(&nameless()).sign();
    api.show(&forged()).await.assert_invalid_token(Reason::BadSignature);
    // One is left of the two.
    api.issuer.replace_keys(vec![nameless()]);
    api.show(&api.token().sign()).await.assert_passed();
    // None is left.
    api.show(&forged()).await.assert_retry_later(30);
    api.issuer.replace_keys(vec![nameless()]);
    api.show(&api.token().sign()).await.assert_retry_later(30);
    api.clock.advance(seconds(30));
    api.show(&api.token().sign()).await.assert_passed();
    assert_eq!(api.issuer.fetches().jwks(), 1 + 2 + 1);
}

#[tokio::test]
async fn a_token_that_refuses_itself_costs_no_fetch() {
    for tried in [false, true] {
        let api = if tried { exhausted().await } else { Api::serving().await };
        api.show(&api.token().sign()).await.assert_passed();
        let asked = api.issuer.fetches().jwks();
        let unknown = || api.token().header("kid", "unknown");
        for (token, reason) in [
            (unknown().claim("exp", NOW - 31), Reason::Expired),
            (unknown().audience("https://other.example"), Reason::WrongAudience),
            (unknown().header("typ", "JWT"), Reason::WrongType),
            (unknown().without("sub"), Reason::MissingClaim),
            (unknown().header("alg", "HS256"), Reason::UnsupportedAlgorithm),
            (unknown().header("alg", "ES512"), Reason::UnsupportedAlgorithm),
        ] {
            api.show(&token.sign()).await.assert_invalid_token(reason);
        }
        assert_eq!(api.issuer.fetches().jwks(), asked);
    }
}

#[tokio::test]
async fn with_nothing_left_a_token_from_before_our_copy_is_invalid_and_a_younger_one_is_not() {
    let api = exhausted().await;
    // Our copy is of NOW; the leeway is 30 s.
    for (iat, is_older) in [(NOW - 31, true), (NOW - 30, false), (NOW, false)] {
        let answer = api.show(&api.token().claim("iat", iat).header("kid", "unknown").sign()).await;
        if is_older {
            answer.assert_invalid_token(Reason::UnknownKey);
        } else {
            answer.assert_retry_later(30);
        }
    }
}

#[tokio::test]
async fn a_token_without_iat_may_be_younger_than_our_copy() {
    let clock = TestClock::at_second(NOW);
    let issuer = TestIssuer::builder().with_clock(clock.clone()).start().await;
    let api = with_profile_jwt(issuer, clock).await;
    for _ in 0..3 {
        junk(&api, 0).await;
    }
    api.show(&api.token().without("iat").header("kid", "unknown").sign()).await.assert_retry_later(30);
}

/// Seen with a shared cache before the issuer: 199 of 199 good tokens were refused.
#[tokio::test]
async fn what_a_shared_cache_answers_refuses_only_tokens_from_before_it() {
    let api = Api::serving().await;
    api.issuer.set_header(AGE, "1800");
    api.show(&api.token().sign()).await.assert_passed();
    let unknown = |iat: u64| api.token().claim("iat", iat).header("kid", "unknown").sign();
    for (at, (iat, is_older)) in [(NOW - 1831, true), (NOW - 1830, false), (NOW, false)].into_iter().enumerate() {
        let answer = api.show(&unknown(iat)).await;
        if is_older {
            answer.assert_invalid_token(Reason::UnknownKey);
        } else {
            answer.assert_retry_later(30);
        }
        // Each has a refetch of its own, as long as there are any.
        assert_eq!(api.issuer.fetches().jwks(), 1 + (at + 1).min(2));
    }
    api.issuer.remove_header(&AGE);
    api.issuer.rotate(new_key("2"));
    api.clock.advance(seconds(30));
    api.show(&api.token().sign()).await.assert_passed();
    api.clock.advance(seconds(30));
    api.show(&unknown(NOW + 60)).await.assert_invalid_token(Reason::UnknownKey);
}

#[tokio::test]
async fn only_a_refetch_asks_past_caches() {
    let api = Api::serving().await;
    let asked_past_caches = || {
        let fetches = api.issuer.fetches();
        let of = |headers: &http::HeaderMap| headers.get(CACHE_CONTROL).map(|value| value.to_str().unwrap().to_owned());
        let documents = [fetches.last_discovery_headers(), fetches.last_jwks_headers()];
        documents.map(|headers| of(headers.unwrap()))
    };
    api.show(&api.token().sign()).await.assert_passed();
    assert_eq!(asked_past_caches(), [None, None]);
    junk(&api, 0).await.assert_invalid_token(Reason::UnknownKey);
    assert_eq!(asked_past_caches(), [Some("no-cache".to_owned()), Some("no-cache".to_owned())]);
    api.clock.advance(seconds(601));
    api.show(&api.token().sign()).await.assert_passed();
    assert_eq!(asked_past_caches(), [None, None]);
}

#[tokio::test]
async fn a_refetch_that_fails_is_503_and_counted_and_so_is_the_back_off() {
    let api = Api::serving().await;
    api.show(&api.token().sign()).await.assert_passed();
    let known = api.token().sign();
    api.issuer.fail_jwks(Fault::Status(StatusCode::BAD_GATEWAY));
    for asked in [2, 2] {
        junk(&api, 0).await.assert_unavailable();
        assert_eq!(api.issuer.fetches().jwks(), asked);
    }
    api.clock.advance(seconds(2));
    junk(&api, 0).await.assert_unavailable();
    assert_eq!(api.issuer.fetches().jwks(), 3);
    // The back-off is over before the budget is refilled.
    api.clock.advance(seconds(10));
    junk(&api, 0).await.assert_retry_later(18);
    assert_eq!(api.issuer.fetches().jwks(), 3);
    api.show(&known).await.assert_passed();
}

#[tokio::test]
async fn a_bad_signature_under_a_known_kid_while_the_refetch_fails_is_invalid() {
    let api = Api::serving().await;
    api.show(&api.token().sign()).await.assert_passed();
    api.issuer.fail_jwks(Fault::Status(StatusCode::BAD_GATEWAY));
    let kid = api.issuer.current_key().key_id().unwrap().to_owned();
    let forged = || api.token().signed_by(&new_key(&kid)).sign();
    for _ in 0..2 {
        api.show(&forged()).await.assert_invalid_token(Reason::BadSignature);
        assert_eq!(api.issuer.fetches().jwks(), 2);
    }
}

#[tokio::test]
async fn junk_signatures_under_a_known_kid_leave_the_budget_of_unknown_kids_alone() {
    let api = Api::serving().await;
    let kid = api.issuer.current_key().key_id().unwrap().to_owned();
    for _ in 0..10 {
        api.show(&api.token().signed_by(&new_key(&kid)).sign()).await.assert_invalid_token(Reason::BadSignature);
    }
    for at in 0..2 {
        api.issuer.rotate(new_key(&at.to_string()));
        api.show(&api.token().sign()).await.assert_passed();
    }
}

#[tokio::test]
async fn a_kid_that_was_not_found_is_found_when_it_is_there() {
    let api = Api::serving().await;
    let key = new_key("late");
    let token = || api.token().signed_by(&key).sign();
    api.show(&token()).await.assert_invalid_token(Reason::UnknownKey);
    api.issuer.publish(key.clone());
    api.show(&token()).await.assert_passed();
}
