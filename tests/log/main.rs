//! Section 7 of the contract: what the log hears, and what it never does.

use std::io;
use std::sync::Arc;
use std::sync::Mutex;

use claviger::error::Reason;
use http::Request;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;

use crate::support::Api;
use crate::support::NOW;
use crate::support::bearer;

/// Keeps what is logged on this thread.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn listen(&self) -> tracing::subscriber::DefaultGuard {
        let subscriber =
            tracing_subscriber::fmt().with_ansi(false).with_max_level(LevelFilter::TRACE).with_writer(self.clone());
        tracing::subscriber::set_default(subscriber.finish())
    }

    fn text(&self) -> String {
        String::from_utf8(std::mem::take(&mut self.0.lock().unwrap())).unwrap()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn an_event_names_reason_issuer_key_algorithm_and_type() {
    let log = Log::default();
    let _guard = log.listen();
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

#[tokio::test]
async fn a_wrong_audience_is_logged_with_both_sides() {
    let log = Log::default();
    let _guard = log.listen();
    let api = Api::new();
    api.show(&api.token().audience("https://other.example").sign()).await;
    let text = log.text();
    assert!(text.contains("audience=\"https://other.example\""), "{text}");
    assert!(text.contains("expected=\"https://api.example.com\""), "{text}");
}

#[tokio::test]
async fn a_missing_scope_is_logged_with_the_token_that_lacks_it() {
    let log = Log::default();
    let _guard = log.listen();
    let api = Api::new();
    api.send(bearer("/reports", &api.token().sign())).await.assert_insufficient_scope("read:reports");
    let text = log.text();
    assert!(text.contains("reason=\"insufficient_scope\""), "{text}");
    assert!(text.contains("issuer=\"https://issuer.example.com\""), "{text}");
}

#[tokio::test]
async fn a_wrong_type_is_logged_with_the_profile_that_would_take_it() {
    let log = Log::default();
    let _guard = log.listen();
    let api = Api::new();
    api.show(&api.token().header("typ", "JWT").sign()).await.assert_invalid_token(Reason::WrongType);
    let text = log.text();
    assert!(text.contains("profile `jwt` or `identity` would take it"), "{text}");
}

#[tokio::test]
async fn neither_the_token_nor_another_claim_is_ever_logged() {
    let log = Log::default();
    let _guard = log.listen();
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
    let log = Log::default();
    let _guard = log.listen();
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
    use axum::routing::get;
    use tower::ServiceExt;

    let log = Log::default();
    let _guard = log.listen();
    let guard = claviger::RequireScopeLayer::new(claviger::ScopePolicy::all_of(["a"]).unwrap());
    let app = axum::Router::new().route("/", get(|| async {})).route_layer(guard);
    let response = app.oneshot(Request::get("/").body(axum::body::Body::empty()).unwrap()).await.unwrap();
    assert_eq!(response.status(), 500);
    assert!(log.text().contains("AuthLayer"));
}

#[tokio::test]
async fn debug_of_what_holds_a_token_shows_nothing_of_it() {
    let api = Api::new();
    let token = api.token().claim("sub", "marker").sign();
    let issuer = claviger::Issuer::new(api.issuer.url(), crate::support::AUDIENCE).with_jwks(api.issuer.jwks());
    let verifier = claviger::Verifier::builder(issuer).with_clock(api.clock.clone()).build().unwrap();
    let verified = verifier.verify(&token).await.unwrap();
    let refused = verifier.verify(&token[1..]).await.unwrap_err();
    let begun = verifier.begin(&token);
    let shown = format!("{verified:?} {refused:?} {begun:?}");
    assert!(!shown.contains("marker") && !token.split('.').any(|part| shown.contains(part)), "{shown}");
}
