//! Section 1 of the contract: CORS preflights.

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::routing::any;
use claviger::AuthConfigBuilder;
use claviger::AuthLayer;
use claviger::Issuer;
use claviger::Preflight;
use claviger::RequireScopeLayer;
use claviger::ScopePolicy;
use claviger::authenticate::Authentication;
use claviger::error::Reason;
use claviger_testing::TestIssuer;
use tower::ServiceExt;

use crate::support::AUDIENCE;
use crate::support::Answer;

/// What the inner service sees: whether the request is anonymous, the fields that tell of a body, and the body.
async fn seen(request: Request) -> String {
    let is_anonymous = request.extensions().get::<Authentication>().unwrap().token().is_none();
    let told = ["content-length", "transfer-encoding"].map(|name| request.headers().contains_key(name));
    let body = axum::body::to_bytes(request.into_body(), 1000).await.unwrap();
    format!("{is_anonymous} {told:?} {body:?}")
}

fn app(settings: fn(AuthConfigBuilder) -> AuthConfigBuilder) -> Router {
    trusting(&TestIssuer::in_memory("https://issuer.example.com"), settings)
}

fn trusting(issuer: &TestIssuer, settings: fn(AuthConfigBuilder) -> AuthConfigBuilder) -> Router {
    let trusted = Issuer::new(issuer.url(), AUDIENCE).with_jwks(issuer.jwks());
    let cfg = settings(claviger::AuthConfig::builder(trusted)).build().unwrap();
    let guard = RequireScopeLayer::new(ScopePolicy::all_of(["read:reports"]).unwrap());
    Router::new()
        .route("/", any(seen))
        .route("/reports", any(seen).layer(guard))
        .route("/claims", any(async |_: claviger::Claims<serde_json::Value>| "in"))
        .layer(AuthLayer::new(cfg))
}

fn passing() -> Router {
    app(|settings| settings.with_preflight(Preflight::Pass))
}

fn preflight(path: &str) -> http::request::Builder {
    Request::options(path).header("origin", "https://app.example").header("access-control-request-method", "PUT")
}

async fn send(app: &Router, request: http::request::Builder, body: &'static str) -> Answer {
    Answer::of(app.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap(), false).await
}

#[tokio::test]
async fn a_preflight_is_refused_unless_it_may_pass() {
    let refused = send(&app(|settings| settings), preflight("/"), "").await;
    refused.assert_asks_for_credentials(Reason::MissingCredentials);
    let passed = send(&passing(), preflight("/"), "").await;
    assert_eq!((passed.status.as_u16(), passed.body.as_str()), (200, r#"true [false, false] b"""#));
}

#[tokio::test]
async fn a_preflight_passes_without_its_body() {
    for length in [("content-length", "4"), ("transfer-encoding", "chunked")] {
        let passed = send(&passing(), preflight("/").header(length.0, length.1), "body").await;
        assert_eq!((passed.status.as_u16(), passed.body.as_str()), (200, r#"true [false, false] b"""#));
    }
}

#[tokio::test]
async fn an_anonymous_request_that_is_no_preflight_keeps_its_body() {
    let app = app(|settings| settings.allow_anonymous().with_preflight(Preflight::Pass));
    let passed = send(&app, Request::post("/").header("content-length", "4"), "body").await;
    assert_eq!(passed.body, r#"true [true, false] b"body""#);
}

#[tokio::test]
async fn a_preflight_with_a_token_is_a_request_that_keeps_its_body() {
    let issuer = TestIssuer::in_memory("https://issuer.example.com");
    let app = trusting(&issuer, |settings| settings.with_preflight(Preflight::Pass));
    let token = format!("Bearer {}", issuer.token().sign());
    let passed = send(&app, preflight("/").header("authorization", token).header("content-length", "4"), "body").await;
    assert_eq!(passed.body, r#"false [true, false] b"body""#);
}

#[tokio::test]
async fn guards_and_extractors_ask_a_preflight_for_credentials() {
    for path in ["/reports", "/claims"] {
        let refused = send(&passing(), preflight(path), "").await;
        refused.assert_asks_for_credentials(Reason::MissingCredentials);
    }
}

#[tokio::test]
async fn only_a_preflight_without_credentials_is_one() {
    for no_preflight in [
        Request::options("/"),
        Request::options("/").header("origin", "https://app.example"),
        Request::options("/").header("access-control-request-method", "PUT"),
        Request::get("/").header("origin", "https://app.example").header("access-control-request-method", "PUT"),
    ] {
        let refused = send(&passing(), no_preflight, "").await;
        refused.assert_asks_for_credentials(Reason::MissingCredentials);
    }
    let basic = send(&passing(), preflight("/").header("authorization", "Basic dTpw"), "").await;
    basic.assert_asks_for_credentials(Reason::UnsupportedScheme);
    let junk = send(&passing(), preflight("/").header("authorization", "Bearer junk"), "").await;
    junk.assert_invalid_token(Reason::MalformedToken);
}
