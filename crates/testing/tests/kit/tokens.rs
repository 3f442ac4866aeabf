//! What tokens say.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use claviger_testing::SigningAlgorithm;
use claviger_testing::SigningKey;
use claviger_testing::TestClock;
use claviger_testing::TestIssuer;
use serde_json::Value;
use serde_json::json;

#[test]
fn a_token_starts_as_rfc_9068_has_it() {
    let issuer = issuer(&TestClock::at_second(NOW));
    let token = issuer.token().sign();

    let header = json!({ "typ": "at+jwt", "alg": "ES256", "kid": issuer.current_key().key_id() });
    assert_eq!(part(&token, 0), header);

    let mut claims = part(&token, 1);
    let jti = claims.as_object_mut().unwrap().remove("jti").unwrap();
    assert_eq!(jti.as_str().unwrap().len(), 22);
    let expected = json!({
        "iss": "https://issuer.example.com",
        "sub": "user-1",
        "aud": "https://api.example.com",
        "client_id": "client-1",
        "iat": NOW,
        "exp": NOW + 300,
    });
    assert_eq!(claims, expected);
}

#[test]
fn no_two_tokens_have_the_same_jti() {
    let issuer = issuer(&TestClock::at_second(NOW));
    let jti = || part(&issuer.token().sign(), 1)["jti"].clone();
    assert_ne!(jti(), jti());
}

#[test]
fn the_time_is_the_clocks() {
    let clock = TestClock::at_second(NOW);
    let issuer = issuer(&clock);
    clock.advance(Duration::from_secs(10));

    let token = issuer.token().expires_in(Duration::from_secs(5)).sign();
    assert_eq!(part(&token, 1)["iat"], NOW + 10);
    assert_eq!(part(&token, 1)["exp"], NOW + 15);
}

#[test]
#[should_panic(expected = "while the clock knows the time")]
fn no_token_without_the_time() {
    let clock = TestClock::at_second(NOW);
    clock.set_unix(None);
    let _ = issuer(&clock).token();
}

#[test]
fn claims_and_header_can_be_changed_and_left_out() {
    let token = issuer(&TestClock::at_second(NOW))
        .token()
        .audience(vec!["a", "b"])
        .scope("read write")
        .claim("exp", "soon")
        .without("sub")
        .header("crit", json!(["b64"]))
        .without_header("kid")
        .sign();

    assert_eq!(part(&token, 0), json!({ "typ": "at+jwt", "alg": "ES256", "crit": ["b64"] }));
    let claims = part(&token, 1);
    assert_eq!(claims["aud"], json!(["a", "b"]));
    assert_eq!(claims["scope"], "read write");
    assert_eq!(claims["exp"], "soon");
    assert!(claims.get("sub").is_none());
}

#[test]
fn a_header_parameter_wins_over_a_later_key() {
    let other = SigningKey::generate(SigningAlgorithm::Es384).without_key_id();
    let issuer = issuer(&TestClock::at_second(NOW));
    let token = issuer.token().header("alg", "ES256").signed_by(&other).sign();

    assert_eq!(part(&token, 0), json!({ "typ": "at+jwt", "alg": "ES256" }));
}

#[test]
fn raw_bytes_are_carried_and_signed_as_they_are() {
    let issuer = issuer(&TestClock::at_second(NOW));
    let token = issuer.token().raw_header("{").raw_payload([0xff, 0xfe]).sign();

    let [header, payload, signature] = token.split('.').collect::<Vec<_>>().try_into().unwrap();
    assert_eq!(URL_SAFE_NO_PAD.decode(header).unwrap(), b"{");
    assert_eq!(URL_SAFE_NO_PAD.decode(payload).unwrap(), [0xff, 0xfe]);
    assert_eq!(URL_SAFE_NO_PAD.decode(signature).unwrap().len(), 64);
}

#[test]
fn a_given_signature_replaces_the_real_one() {
    let issuer = issuer(&TestClock::at_second(NOW));
    assert!(issuer.token().with_signature("abc").sign().ends_with(".YWJj"));
}

fn issuer(clock: &TestClock) -> TestIssuer {
    TestIssuer::builder().with_clock(clock.clone()).in_memory()
}

fn part(token: &str, index: usize) -> Value {
    let bytes = URL_SAFE_NO_PAD.decode(token.split('.').nth(index).unwrap()).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

const NOW: u64 = 1_750_000_000;
