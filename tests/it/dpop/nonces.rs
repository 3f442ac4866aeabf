//! Nonces of ours (RFC 9449, sections 8.2 and 9).

use std::io::Write;
use std::time::Duration;

use claviger::DpopSettings;
use claviger::NonceSecret;
use claviger::error::Reason;
use claviger_testing::DpopClient;
use http::Method;
use http::header::CACHE_CONTROL;
use serde_json::json;
use tempfile::NamedTempFile;

use crate::dpop::Bound;
use crate::dpop::URL;
use crate::dpop::bound_token;
use crate::dpop::request;

fn demanding(secrets: &[&str]) -> Bound {
    let secrets: Vec<_> = secrets.iter().map(|secret| NonceSecret::new(secret.repeat(32))).collect();
    Bound::with(|dpop| dpop.require_nonce(secrets))
}

#[tokio::test]
async fn a_client_comes_again_with_the_nonce_that_it_is_told() {
    for bound in [demanding(&["a"]), Bound::with(|dpop| dpop.require_nonce([]))] {
        let refused = bound.get().await;
        refused.assert_use_nonce();
        assert!(bound.client.follow(&refused.headers));
        for _ in 0..3 {
            let answer = bound.get().await;
            answer.assert_passed();
            assert!(!answer.headers.contains_key("dpop-nonce"), "it is good for a while");
        }
    }
}

#[tokio::test]
async fn it_is_renewed_on_answers_before_it_ends_and_those_are_not_stored() {
    let bound = demanding(&["a"]);
    bound.client.follow(&bound.get().await.headers);
    let mut renewed = 0;
    for _ in 0..60 {
        bound.api.clock.advance(Duration::from_secs(29));
        let token = bound_token(&bound.api, &bound.client);
        let proof = bound.client.proof(&Method::GET, URL, &token).sign();
        let answer = bound.api.send(request("DPoP", &token, &[&proof])).await;
        answer.assert_passed();
        let is_told = bound.client.follow(&answer.headers);
        assert_eq!(answer.headers.get(CACHE_CONTROL).is_some_and(|value| value == "no-store"), is_told);
        renewed += u32::from(is_told);
    }
    assert!((5..=12).contains(&renewed), "{renewed} in 29 minutes");
}

#[tokio::test]
async fn an_answer_of_a_guard_renews_it_too() {
    let bound = demanding(&["a"]);
    bound.client.follow(&bound.get().await.headers);
    bound.api.clock.advance(Duration::from_secs(200));
    let token = bound_token(&bound.api, &bound.client);
    let proof = bound.client.proof(&Method::GET, "https://api.example.com/reports", &token).sign();
    let mut asking = request("DPoP", &token, &[&proof]);
    *asking.uri_mut() = "/reports".parse().unwrap();
    let answer = bound.api.send(asking).await;
    assert_eq!(answer.reason, Some(Reason::InsufficientScope));
    assert!(bound.client.follow(&answer.headers));
}

#[tokio::test]
async fn a_nonce_of_any_wrong_form_time_or_owner_brings_a_fresh_one() {
    let bound = demanding(&["a"]);
    let nonce = bound.get().await.assert_use_nonce();
    let other = Bound::with_client(demanding(&["a"]).api, DpopClient::new()).get().await.assert_use_nonce();
    let foreign = demanding(&["b"]);
    let foreign = Bound::with_client(foreign.api, bound.client.clone()).get().await.assert_use_nonce();
    let mut tampered = nonce.clone();
    tampered.replace_range(20..21, if &nonce[20..21] == "A" { "B" } else { "A" });
    for wrong in [
        json!(null),
        json!(7),
        json!(["x"]),
        json!(""),
        json!("x"),
        json!(other),
        json!(foreign),
        json!(tampered),
        json!(format!("{nonce} ")),
        json!(nonce[1..]),
    ] {
        let fresh = bound.show(&bound.proof().claim("nonce", wrong.clone()).sign()).await.assert_use_nonce();
        bound.show(&bound.proof().claim("nonce", fresh).sign()).await.assert_passed();
    }
    bound.show(&bound.proof().claim("nonce", nonce.as_str()).sign()).await.assert_passed();
    bound.api.clock.advance(Duration::from_secs(301));
    let bound = Bound::with_client(bound.api, bound.client);
    bound.show(&bound.proof().claim("nonce", nonce.as_str()).sign()).await.assert_use_nonce();
}

#[tokio::test]
async fn instances_with_a_secret_in_common_know_each_others() {
    let [one, rotated, old] = [demanding(&["a"]), demanding(&["b", "a"]), demanding(&["a"])];
    one.client.follow(&one.get().await.headers);
    for instance in [&rotated, &old] {
        let token = bound_token(&instance.api, &one.client);
        let proof = one.client.proof(&Method::GET, URL, &token).sign();
        instance.api.send(request("DPoP", &token, &[&proof])).await.assert_passed();
    }
    // What the new secret makes, the old instance does not know yet: a client is told once more, and that is all.
    let token = bound_token(&rotated.api, &rotated.client);
    rotated.client.follow(&rotated.get().await.headers);
    let proof = rotated.client.proof(&Method::GET, URL, &token).sign();
    let token_there = bound_token(&old.api, &rotated.client);
    let there = rotated.client.proof(&Method::GET, URL, &token_there).sign();
    old.api.send(request("DPoP", &token_there, &[&there])).await.assert_use_nonce();
    rotated.api.send(request("DPoP", &token, &[&proof])).await.assert_passed();
}

#[tokio::test]
async fn a_secret_is_what_its_file_holds_but_for_one_newline_at_its_end() {
    let secret = "s".repeat(32);
    for (content, is_same) in [
        (secret.clone(), true),
        (format!("{secret}\n"), true),
        (format!("{secret}\n\n"), false),
        (format!("{secret}\r\n"), false),
        (format!("{secret} "), false),
        (format!("\n{secret}"), false),
    ] {
        let mut file = NamedTempFile::new().unwrap();
        file.write_all(content.as_bytes()).unwrap();
        let bound = Bound::with(|dpop| dpop.require_nonce([NonceSecret::from_file(file.path())]));
        let nonce = bound.get().await.assert_use_nonce();
        let other = Bound::with_client(demanding(&["s"]).api, bound.client);
        let answer = other.show(&other.proof().claim("nonce", nonce).sign()).await;
        assert_eq!(answer.reason, (!is_same).then_some(Reason::NonceRequired), "{content:?}");
    }
}

#[tokio::test]
async fn what_is_wrong_otherwise_is_told_before_any_nonce() {
    let bound = demanding(&["a"]);
    let told = [("DPoP", Some("invalid_token")), ("Bearer", None)];
    let expired = bound.api.token().claim("cnf", bound.client.confirmation()).claim("exp", 1).sign();
    let proof = bound.client.proof(&Method::GET, URL, &expired).sign();
    let answer = bound.api.send(request("DPoP", &expired, &[&proof])).await;
    answer.assert_challenged(401, Reason::Expired, &told);
    let thief = DpopClient::new().with_clock(bound.api.clock.clone());
    let answer = bound.show(&thief.proof(&Method::GET, URL, &bound.token).sign()).await;
    answer.assert_challenged(401, Reason::BindingMismatch, &told);
    assert!(!answer.headers.contains_key("dpop-nonce"));
    bound.show(&bound.proof().issued(-301).sign()).await.assert_invalid_proof(Reason::ProofExpired);
}

#[tokio::test]
async fn a_proof_that_lacks_its_nonce_is_not_used_up() {
    let bound = demanding(&["a"]);
    let id = "one id";
    let nonce = bound.show(&bound.proof().claim("jti", id).sign()).await.assert_use_nonce();
    bound.show(&bound.proof().claim("jti", id).claim("nonce", nonce.as_str()).sign()).await.assert_passed();
    let again = bound.proof().claim("jti", id).claim("nonce", nonce).sign();
    bound.show(&again).await.assert_invalid_proof(Reason::ProofReplayed);
}

#[tokio::test]
async fn without_the_demand_a_nonce_is_nothing() {
    let bound = Bound::at(|settings| {
        let secret = NonceSecret::new("a".repeat(32));
        settings.with_public_url(super::ORIGIN).with_dpop(DpopSettings::default().with_nonce_secrets([secret]))
    });
    for nonce in [json!("x"), json!(7), json!(null)] {
        let answer = bound.show(&bound.proof().claim("nonce", nonce).sign()).await;
        answer.assert_passed();
        assert!(!answer.headers.contains_key("dpop-nonce"));
    }
}
