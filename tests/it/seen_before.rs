//! A token that passed once has no rights from that: every request is judged as if it were the first.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use claviger::AllowedIssuers;
use claviger::CheckVerdict;
use claviger::Issuer;
use claviger::IssuerQuery;
use claviger::Profile;
use claviger::VerifiedToken;
use claviger::Verifier;
use claviger::VerifierBuilder;
use claviger::error::Reason;
use claviger_testing::TestClock;
use claviger_testing::TestIssuer;
use serde_json::json;

use crate::support::AUDIENCE;
use crate::support::Api;
use crate::support::NOW;
use crate::support::bearer;
use crate::support::new_key;

/// The leeway unless it is set.
const LEEWAY: u64 = 30;

#[tokio::test]
async fn a_signature_changed_in_any_character_is_refused() {
    let api = Api::new();
    let token = api.token().sign();
    api.show(&token).await.assert_passed();

    let signature = token.rfind('.').unwrap() + 1;
    for at in signature..token.len() {
        let other = if token.as_bytes()[at] == b'A' { "B" } else { "A" };
        let changed = format!("{}{other}{}", &token[..at], &token[at + 1..]);
        let answer = api.show(&changed).await;
        assert_eq!(answer.status, 401, "character {at}");
    }
    api.show(&token).await.assert_passed();
}

/// 64 bytes are 86 characters, the last of which has four bits to spare: other characters decode to the same bytes.
#[tokio::test]
async fn another_spelling_of_the_same_signature_is_refused() {
    let api = Api::new();
    let token = api.token().sign();
    api.show(&token).await.assert_passed();

    let (before, last) = token.split_at(token.len() - 1);
    let value = ALPHABET.find(last).unwrap();
    for spare in 1..16 {
        let spelled = format!("{before}{}", &ALPHABET[value + spare..][..1]);
        api.show(&spelled).await.assert_invalid_token(Reason::MalformedToken);
    }
}

#[tokio::test]
async fn a_token_expires_between_two_requests() {
    let api = Api::new();
    let token = api.token().expires_in(Duration::from_secs(60)).sign();
    api.show(&token).await.assert_passed();

    api.clock.advance(Duration::from_secs(60 + LEEWAY - 1));
    api.show(&token).await.assert_passed();
    api.clock.advance(Duration::from_secs(1));
    api.show(&token).await.assert_invalid_token(Reason::Expired);
}

#[tokio::test]
async fn a_clock_that_is_set_back_makes_a_token_early_again() {
    let api = Api::new();
    let token = api.token().claim("nbf", NOW).sign();
    api.show(&token).await.assert_passed();

    api.clock.step_wall(-i64::try_from(LEEWAY).unwrap() - 1);
    assert_eq!(api.show(&token).await.status, 401);
    api.clock.set_unix(None);
    assert_ne!(api.show(&token).await.status, 200);
}

#[tokio::test]
async fn a_token_grows_too_old_between_two_requests() {
    let api = Api::with_rules(|issuer| issuer.with_max_token_age(Duration::from_secs(60)));
    let token = api.token().sign();
    api.show(&token).await.assert_passed();

    api.clock.advance(Duration::from_secs(60 + LEEWAY + 1));
    api.show(&token).await.assert_invalid_token(Reason::TooOld);
}

#[tokio::test]
async fn a_scope_is_asked_of_a_token_that_passed_elsewhere() {
    let api = Api::new();
    let token = api.token().scope("write:reports").sign();
    api.show(&token).await.assert_passed();
    api.send(bearer("/reports", &token)).await.assert_insufficient_scope("read:reports");
}

/// Each verifier has its own rules for the same issuer and keys.
#[tokio::test]
async fn what_one_configuration_believed_another_judges_by_its_own_rules() {
    let clock = TestClock::at_second(NOW);
    let issuer = TestIssuer::builder().with_clock(clock.clone()).in_memory();
    let verifier = |trusted: Issuer| {
        let trusted = trusted.with_jwks(issuer.jwks());
        Verifier::builder(trusted).with_clock(clock.clone()).build().unwrap()
    };
    let believing = verifier(Issuer::new(issuer.url(), AUDIENCE));
    let token = issuer.token().sign();
    believing.verify(&token).await.unwrap();

    let others = [
        (Issuer::new(issuer.url(), "https://other.example.com"), Reason::WrongAudience),
        (Issuer::new("https://other.example.com", AUDIENCE), Reason::UnknownIssuer),
        (Issuer::new(issuer.url(), AUDIENCE).with_profile(Profile::Identity), Reason::WrongType),
        (Issuer::new(issuer.url(), AUDIENCE).require_claim("org_id"), Reason::MissingClaim),
        (Issuer::new(issuer.url(), AUDIENCE).bind_claim("sub", "somebody else"), Reason::WrongClaim),
    ];
    for (trusted, reason) in others {
        assert_eq!(verifier(trusted).verify(&token).await.unwrap_err().reason(), reason);
        believing.verify(&token).await.unwrap();
    }
}

#[tokio::test]
async fn the_tokens_of_a_key_that_was_withdrawn_are_refused_from_the_next_refresh_on() {
    let clock = TestClock::at_second(NOW);
    let issuer = TestIssuer::builder().with_clock(clock.clone()).start().await;
    let verifier = Verifier::builder(Issuer::new(issuer.url(), AUDIENCE)).with_clock(clock).build().unwrap();
    let token = issuer.token().sign();
    verifier.verify(&token).await.unwrap();

    issuer.replace_keys(vec![new_key("next")]);
    verifier.refresh_now().await.unwrap();
    assert_eq!(verifier.verify(&token).await.unwrap_err().reason(), Reason::UnknownKey);
    verifier.verify(&issuer.token().sign()).await.unwrap();
}

/// The id of a key says nothing of the key.
#[tokio::test]
async fn a_new_key_under_the_old_id_does_not_inherit_its_tokens() {
    let clock = TestClock::at_second(NOW);
    let issuer = TestIssuer::builder().with_clock(clock.clone()).start().await;
    let verifier = Verifier::builder(Issuer::new(issuer.url(), AUDIENCE)).with_clock(clock).build().unwrap();
    let token = issuer.token().sign();
    verifier.verify(&token).await.unwrap();

    let key_id = issuer.current_key().key_id().unwrap().to_owned();
    issuer.replace_keys(vec![new_key(&key_id)]);
    verifier.refresh_now().await.unwrap();
    assert_eq!(verifier.verify(&token).await.unwrap_err().reason(), Reason::BadSignature);
}

#[tokio::test]
async fn a_revoked_token_is_refused_on_its_next_request() {
    let revoked = Arc::new(Mutex::new(HashSet::new()));
    let list = Arc::clone(&revoked);
    let api = Api::with_settings(|settings| {
        settings.with_check(async move |token: VerifiedToken| {
            let id = token.token_id().ok_or("the token has no id")?;
            let is_revoked = list.lock().unwrap().contains(id);
            Ok(if is_revoked { CheckVerdict::deny("revoked") } else { CheckVerdict::Allow })
        })
    });
    let [token, other] = ["one", "other"].map(|id| api.token().claim("jti", id).sign());
    api.show(&token).await.assert_passed();

    revoked.lock().unwrap().insert("one".to_owned());
    api.show(&token).await.assert_invalid_token(Reason::Revoked);
    api.show(&other).await.assert_passed();
    revoked.lock().unwrap().clear();
    api.show(&token).await.assert_passed();
}

#[tokio::test]
async fn a_refusal_is_not_remembered() {
    let api = Api::serving().await;
    let early = api.token().claim("nbf", NOW + 60).sign();
    assert_eq!(api.show(&early).await.status, 401);
    api.clock.advance(Duration::from_secs(60));
    api.show(&early).await.assert_passed();

    let next = new_key("next");
    let unknown = api.token().signed_by(&next).sign();
    api.show(&unknown).await.assert_invalid_token(Reason::UnknownKey);
    api.issuer.publish(next);
    api.show(&unknown).await.assert_passed();
}

#[tokio::test]
async fn a_token_bound_to_a_key_never_passes_as_a_bearer_token() {
    let api = Api::new();
    let bound = api.token().claim("cnf", json!({ "jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" })).sign();
    for _ in 0..3 {
        assert_eq!(api.show(&bound).await.status, 401);
    }
}

const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Of a verifier that keeps so many bytes: hits and tokens after the same token was shown three times.
async fn kept(bytes: usize, change: fn(VerifierBuilder) -> VerifierBuilder) -> (u64, u64) {
    let issuer = TestIssuer::in_memory("https://issuer.example.com");
    let trusted = Issuer::new(issuer.url(), AUDIENCE).with_jwks(issuer.jwks());
    let verifier = change(Verifier::builder(trusted).with_cache_bytes(bytes)).build().unwrap();
    let token = issuer.token().sign();
    for _ in 0..3 {
        let _ = verifier.verify(&token).await;
    }
    let status = verifier.cache_status();
    (status.hits, status.tokens)
}

#[tokio::test]
async fn a_token_is_kept_once_it_is_believed_and_found_from_then_on() {
    assert_eq!(kept(1 << 20, |verifier| verifier).await, (2, 1));
    assert_eq!(kept(0, |verifier| verifier).await, (0, 0));
    let allowing = |verifier: VerifierBuilder| verifier.with_check(async |_: VerifiedToken| Ok(CheckVerdict::Allow));
    assert_eq!(kept(1 << 20, allowing).await, (2, 1));
}

#[tokio::test]
async fn what_is_refused_in_the_end_is_not_kept() {
    let denying =
        |verifier: VerifierBuilder| verifier.with_check(async |_: VerifiedToken| Ok(CheckVerdict::deny("no")));
    assert_eq!(kept(1 << 20, denying).await, (0, 0));
    let failing = |verifier: VerifierBuilder| verifier.with_check(async |_: VerifiedToken| Err("away".into()));
    assert_eq!(kept(1 << 20, failing).await, (0, 0));
}

/// It may allow other issuers for the next request, so each token would be kept for nobody.
#[tokio::test]
async fn with_a_resolver_no_token_is_kept() {
    let resolved = |verifier: VerifierBuilder| {
        verifier.with_resolver(async |_: IssuerQuery| Ok(AllowedIssuers::configured(["https://issuer.example.com"])))
    };
    assert_eq!(kept(1 << 20, resolved).await, (0, 0));
}

#[tokio::test]
async fn the_tokens_of_an_issuer_that_was_removed_are_refused_though_they_are_kept() {
    let issuer = TestIssuer::in_memory("https://issuer.example.com");
    let trusted = || Issuer::new(issuer.url(), AUDIENCE).with_jwks(issuer.jwks());
    let verifier = Verifier::builder(trusted()).build().unwrap();
    let token = issuer.token().sign();
    verifier.verify(&token).await.unwrap();
    assert!(verifier.remove_issuer(issuer.url()));
    assert_eq!(verifier.verify(&token).await.unwrap_err().reason(), Reason::UnknownIssuer);
    // Another issuer of the name has rules of its own.
    verifier.add_issuer(trusted().require_claim("org_id")).unwrap();
    assert_eq!(verifier.verify(&token).await.unwrap_err().reason(), Reason::MissingClaim);
}

#[tokio::test]
async fn an_expired_token_is_forgotten() {
    let clock = TestClock::at_second(NOW);
    let issuer = TestIssuer::builder().with_clock(clock.clone()).in_memory();
    let trusted = Issuer::new(issuer.url(), AUDIENCE).with_jwks(issuer.jwks());
    let verifier = Verifier::builder(trusted).with_clock(clock.clone()).build().unwrap();
    let token = issuer.token().claim("exp", NOW + 60).sign();
    verifier.verify(&token).await.unwrap();
    assert_eq!(verifier.cache_status().tokens, 1);
    clock.advance(Duration::from_secs(90));
    assert_eq!(verifier.verify(&token).await.unwrap_err().reason(), Reason::Expired);
    assert_eq!(verifier.cache_status().tokens, 0);
}
