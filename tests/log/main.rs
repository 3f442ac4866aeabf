//! Section 7 of the contract: what the log hears, and what it never does.
//!
//! A binary of its own, because a subscriber must be there before the first event: one that comes while another thread
//! registers an event can miss it for good.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop there")]

#[expect(dead_code, unused_imports, reason = "shared with the other tests")]
#[path = "../it/support/mod.rs"]
mod support;

mod diagnosis;
mod key_sets;
mod kinds;
mod listen;
mod outages;
mod presenters;
mod shapes;

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use claviger::AuthConfig;
use claviger::CookieFailure;
use claviger::Issuer;
use claviger::RequireScopeLayer;
use claviger::ScopePolicy;
use claviger::TokenSource;
use claviger::Verifier;
use claviger::error::Reason;
use http::Request;
use tower::ServiceExt;

use crate::listen::Log;
use crate::support::AUDIENCE;
use crate::support::Api;
use crate::support::NOW;
use crate::support::bearer;

#[tokio::test]
async fn an_event_names_reason_issuer_key_algorithm_and_type() {
    let log = Log::listen();
    let api = Api::new();
    let token = api.token().claim("exp", NOW - 60).header("kid", "k").sign();
    api.show(&token).await.assert_invalid_token(Reason::UnknownKey);
    let text = log.text();
    for part in [
        "reason=\"unknown_key\"",
        "issuer=\"https://issuer.example.com\"",
        "key_id=\"k\"",
        "algorithm=\"ES256\"",
        "typ=\"at+jwt\"",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
}

/// Clients of some SDKs add a slash to an origin, and ask for tokens of that audience.
#[test]
fn a_resource_and_an_audience_that_differ_by_a_slash_are_warned_of() {
    let log = Log::listen();
    let build = |resource: &str, issuer: Issuer| {
        AuthConfig::builder(issuer).with_resource(resource).build().unwrap();
        log.text()
    };
    let issuer = |audience: &str| Issuer::new("https://issuer.example.com", audience);
    let (bare, slash) = ("https://api.example.com", "https://api.example.com/");
    for (resource, audience) in
        [(bare, slash), (slash, bare), ("https://api.example.com/mcp", "https://api.example.com/mcp/")]
    {
        let text = build(resource, issuer(audience));
        assert!(text.contains(" WARN ") && text.contains("differ by their last slash alone"), "{text}");
        assert!(text.contains(&format!("audience=\"{audience}\"")), "{text}");
    }
    for issuer in [issuer(bare), issuer("reports"), issuer(slash).add_audience(bare)] {
        let text = build(bare, issuer);
        assert!(!text.contains(" WARN "), "{text}");
    }
}

#[tokio::test]
async fn a_wrong_audience_is_logged_with_both_sides() {
    let log = Log::listen();
    let api = Api::new();
    api.show(&api.token().audience("https://other.example").sign()).await;
    let text = log.text();
    assert!(text.contains("audience=\"https://other.example\""), "{text}");
    assert!(text.contains("expected=\"https://api.example.com\""), "{text}");
}

#[tokio::test]
async fn a_missing_scope_is_logged_with_the_token_that_lacks_it() {
    let log = Log::listen();
    let api = Api::new();
    api.send(bearer("/reports", &api.token().sign())).await.assert_insufficient_scope("read:reports");
    let text = log.text();
    assert!(text.contains("reason=\"insufficient_scope\""), "{text}");
    assert!(text.contains("issuer=\"https://issuer.example.com\""), "{text}");
}

#[tokio::test]
async fn what_the_application_says_of_a_token_is_logged_on_one_line_and_cut() {
    let log = Log::listen();
    let api = Api::with_settings(|settings| {
        settings.with_check(async |token: claviger::VerifiedToken| match token.subject() {
            Some("mallory") => Ok(claviger::CheckVerdict::deny(format!("suspended\n{}", "x".repeat(200)))),
            _ => Err(format!("the list is away\n{}", "y".repeat(200)).into()),
        })
    });
    assert!(log.text().contains("DPoP is served on loopback hosts alone"), "no address is configured");
    api.show(&api.token().claim("sub", "mallory").sign()).await.assert_invalid_token(Reason::Revoked);
    let text = log.text();
    assert!(text.contains("reason=\"revoked\"") && text.contains("issuer=\"https://issuer.example.com\""), "{text}");
    assert!(text.contains("suspended") && text.lines().count() == 1, "{text}");
    assert!(text.contains(&"x".repeat(100)) && !text.contains(&"x".repeat(128)), "{text}");

    assert_eq!(api.show(&api.token().sign()).await.reason, Some(Reason::CheckFailed));
    let text = log.text();
    assert!(text.contains("WARN") && text.contains("reason=\"check_failed\""), "{text}");
    assert!(text.contains("the application's check failed: the list is away") && text.lines().count() == 1, "{text}");
    assert!(text.contains(&"y".repeat(100)) && !text.contains(&"y".repeat(128)), "{text}");
}

#[tokio::test]
async fn neither_the_token_nor_another_claim_is_ever_logged() {
    let log = Log::listen();
    let api = Api::new();
    let marked = api.token().claim("sub", "marker-sub").claim("secret", "marker-claim").claim("jti", "marker-jti");
    let tokens = [
        marked.clone().sign(),
        marked.clone().claim("exp", 1_234_567_890).sign(),
        marked.clone().claim("nbf", NOW + 1_234_567).sign(),
        marked.clone().claim("client_id", 7).sign(),
        marked.clone().audience("x").sign(),
        marked.clone().header("kid", "unknown").sign(),
        marked.with_signature(b"marker").sign(),
    ];
    for token in &tokens {
        api.show(token).await;
        api.send(bearer("/reports", token)).await;
    }
    let text = log.text();
    assert!(text.contains("reason="));
    for secret in ["marker", "1234567890", &(NOW + 1_234_567).to_string()] {
        assert!(!text.contains(secret), "{secret} is in {text}");
    }
    for part in tokens.iter().flat_map(|token| token.split('.')) {
        assert!(!text.contains(part), "{part} is in {text}");
    }
}

#[tokio::test]
async fn text_of_a_token_cannot_forge_a_line_of_the_log() {
    let log = Log::listen();
    let api = Api::new();
    let forged = "x\n2025-01-01T00:00:00Z ERROR forged \u{1b}[31m";
    api.show(&api.token().header("kid", forged).header("typ", forged).claim("iss", forged).sign()).await;
    api.show(&api.token().header("kid", forged).sign()).await;
    api.show(&api.token().audience(forged).sign()).await;
    let text = log.text();
    assert!(text.lines().all(|line| !line.starts_with("2025-01-01")) && !text.contains('\u{1b}'), "{text}");
}

#[tokio::test]
async fn a_missing_layer_is_named_in_the_log() {
    let log = Log::listen();
    let guard = RequireScopeLayer::new(ScopePolicy::all_of(["a"]).unwrap());
    let app = Router::new().route("/", get(|| async {})).route_layer(guard);
    let response = app.oneshot(Request::get("/").body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(response.status(), 500);
    assert!(log.text().contains("AuthLayer"));
}

#[tokio::test]
async fn what_a_token_lacks_is_named_in_the_log_and_what_it_has_is_not() {
    let policy = || ScopePolicy::scope("read").unwrap().and(ScopePolicy::claim_equals("app_id", "billing").unwrap());
    let guards = [RequireScopeLayer::new(policy()), RequireScopeLayer::new(policy()).report_only()];
    for (guard, (status, message)) in guards.into_iter().zip([(403, "refused a request"), (200, "would refuse")]) {
        let log = Log::listen();
        let issuer = claviger_testing::TestIssuer::in_memory("https://issuer.example.com");
        let trusted = Issuer::new(issuer.url(), AUDIENCE).with_jwks(issuer.jwks());
        let cfg = AuthConfig::builder(trusted).build().unwrap();
        let app = Router::new().route("/", get(|| async {})).route_layer(guard).layer(claviger::AuthLayer::new(cfg));
        let token = issuer.token().scope("marker").claim("app_id", "marker").sign();
        let response = app.oneshot(bearer("/", &token)).await.unwrap();
        assert_eq!(response.status(), status);
        let text = log.text();
        let key_id = format!("key_id={:?}", issuer.current_key().key_id().unwrap());
        assert!(text.contains(&key_id) && text.contains("issuer=\"https://issuer.example.com\""), "{text}");
        let line = text.lines().find(|line| line.contains(message)).unwrap_or_else(|| panic!("{text}"));
        assert!(line.contains("forbidden") && line.contains("read, claim(app_id = "), "{line}");
        assert!(!text.contains("marker"), "{text}");
    }
}

#[tokio::test]
async fn debug_of_what_holds_a_token_shows_nothing_of_it() {
    let api = Api::new();
    let token = api.token().claim("sub", "marker").sign();
    let issuer = Issuer::new(api.issuer.url(), AUDIENCE).with_jwks(api.issuer.jwks());
    let verifier = Verifier::builder(issuer).with_clock(api.clock.clone()).build().unwrap();
    let verified = verifier.verify(&token).await.unwrap();
    let refused = verifier.verify(&token[1..]).await.unwrap_err();
    let begun = verifier.begin(&token);
    let expired = api.token().claim("sub", "marker").claim("exp", 1_234_567_890).sign();
    let expired = verifier.verify(&expired).await.unwrap_err();
    let claims = claviger::Claims(verified.claims::<serde_json::Value>().unwrap());
    let shown = format!("{verified:?} {refused:?} {begun:?} {expired:?} {claims:?}");
    assert!(!shown.contains("1234567890"), "{shown}");
    assert!(!shown.contains("marker") && !token.split('.').any(|part| shown.contains(part)), "{shown}");
}

#[tokio::test]
async fn a_token_of_the_query_or_of_a_cookie_is_never_logged_and_its_failure_is() {
    let log = Log::listen();
    let api = Api::with_settings(|settings| {
        let settings = settings.with_sources([TokenSource::cookie("session"), TokenSource::Query]);
        settings.allow_anonymous().with_cookie_failure(CookieFailure::Anonymous)
    });
    let expired = api.token().claim("exp", 1).sign();
    let cookie = |request: http::request::Builder| request.header("cookie", format!("session={expired}"));
    let queried = Request::get(format!("/?access_token={expired}")).body(Body::empty()).unwrap();
    api.send(queried).await.assert_invalid_token(Reason::Expired);
    api.send(cookie(Request::post("/")).body(Body::empty()).unwrap()).await.assert_cross_site();
    let refused = log.text();
    assert!(refused.contains("reason=\"expired\"") && refused.contains("reason=\"cross_site\""), "{refused}");
    api.send(cookie(Request::get("/")).body(Body::empty()).unwrap()).await.assert_passed();
    let passed = log.text();
    assert!(passed.contains("reason=\"expired\"") && passed.contains("as anonymous"), "{passed}");
    assert!(!expired.split('.').any(|part| refused.contains(part) || passed.contains(part)), "{refused}{passed}");
}
