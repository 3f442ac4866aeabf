//! What handlers get.

use std::sync::Arc;
use std::sync::Mutex;

use axum::Extension;
use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::extract::State;
use axum::routing::get;
use claviger::AuthConfig;
use claviger::AuthLayer;
use claviger::Claims;
use claviger::Issuer;
use claviger::ScopePolicy;
use claviger::authenticate::Authentication;
use claviger::error::Reason;
use claviger::extract::Rejection;
use claviger_testing::SigningAlgorithm;
use claviger_testing::SigningKey;
use claviger_testing::TestIssuer;
use http::Request;
use http::Response;
use http::StatusCode;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;
use tower::ServiceExt;

use crate::support::AUDIENCE;
use crate::support::Answer;
use crate::support::bearer;

#[derive(Debug, Deserialize)]
struct Member {
    sub: String,
    org_id: String,
}

fn guarded(issuer: &TestIssuer, router: Router) -> Router {
    let trusted = Issuer::new(issuer.url(), AUDIENCE).with_jwks(issuer.jwks());
    router.layer(AuthLayer::new(AuthConfig::builder(trusted).allow_anonymous().build().unwrap()))
}

async fn text(app: &Router, request: Request<Body>) -> String {
    let response: Response<Body> = app.clone().oneshot(request).await.unwrap();
    Answer::of(response, true).await.body
}

fn anonymous() -> Request<Body> {
    Request::get("/").body(Body::empty()).unwrap()
}

#[tokio::test]
async fn claims_come_typed_beside_any_other_extractor() {
    async fn handler(
        State(greeting): State<&'static str>,
        Claims(member): Claims<Member>,
        Path(name): Path<String>,
        Claims(all): Claims<Value>,
    ) -> String {
        format!("{greeting} {} of {}: {name}, {}", member.sub, member.org_id, all["jti"])
    }
    let issuer = TestIssuer::in_memory("https://issuer.example.com");
    let app = guarded(&issuer, Router::new().route("/{name}", get(handler)).with_state("hello"));
    let token = issuer.token().claim("sub", "alice").claim("org_id", "acme").claim("jti", "j1").sign();
    assert_eq!(text(&app, bearer("/x", &token)).await, "hello alice of acme: x, \"j1\"");
}

#[tokio::test]
async fn claims_of_another_shape_are_401_and_absent_ones_too() {
    let issuer = TestIssuer::in_memory("https://issuer.example.com");
    let app = guarded(&issuer, Router::new().route("/", get(|_: Claims<Member>| async {})));
    let ask = async |request| Answer::of(app.clone().oneshot(request).await.unwrap(), false).await;
    ask(bearer("/", &issuer.token().sign())).await.assert_invalid_token(Reason::ClaimsShape);
    let wrong = issuer.token().claim("org_id", json!(7)).sign();
    ask(bearer("/", &wrong)).await.assert_invalid_token(Reason::ClaimsShape);
    ask(anonymous()).await.assert_asks_for_credentials(Reason::MissingCredentials);
}

#[tokio::test]
async fn optional_claims_are_none_for_an_anonymous_request_alone() {
    let issuer = TestIssuer::in_memory("https://issuer.example.com");
    let whose =
        |member: Option<Claims<Member>>| async move { format!("{:?}", member.map(|member| member.sub.clone())) };
    let app = guarded(&issuer, Router::new().route("/", get(whose)));
    assert_eq!(text(&app, anonymous()).await, "None");
    let member = issuer.token().claim("sub", "alice").claim("org_id", "acme").sign();
    assert_eq!(text(&app, bearer("/", &member)).await, "Some(\"alice\")");
    let response = app.oneshot(bearer("/", &issuer.token().sign())).await.unwrap();
    Answer::of(response, false).await.assert_invalid_token(Reason::ClaimsShape);
}

#[tokio::test]
async fn claims_are_parsed_once_for_each_type() {
    let seen: Arc<Mutex<Vec<Arc<Member>>>> = Arc::default();
    let kept = Arc::clone(&seen);
    let handler = async move |Claims(first): Claims<Member>, Claims(second): Claims<Member>| {
        kept.lock().unwrap().extend([first, second]);
    };
    let issuer = TestIssuer::in_memory("https://issuer.example.com");
    let app = guarded(&issuer, Router::new().route("/", get(handler)));
    text(&app, bearer("/", &issuer.token().claim("org_id", "acme").sign())).await;
    let seen = seen.lock().unwrap();
    assert!(Arc::ptr_eq(&seen[0], &seen[1]));
}

#[tokio::test]
async fn the_token_itself_stands_in_the_extensions() {
    async fn handler(Extension(mark): Extension<Authentication>) -> String {
        let token = mark.token().unwrap();
        let scopes: Vec<_> = token.scopes().collect();
        format!("{} {:?} {:?} {:?}", token.issuer(), token.subject(), scopes, token.key_id())
    }
    let key = SigningKey::generate(SigningAlgorithm::Es256).with_key_id("1");
    let issuer = TestIssuer::builder().with_key(key).in_memory();
    let app = guarded(&issuer, Router::new().route("/", get(handler)));
    let shown = text(&app, bearer("/", &issuer.token().claim("sub", "alice").scope("a b").sign())).await;
    assert_eq!(shown, r#"https://issuer.example.com Some("alice") ["a", "b"] Some("1")"#);
}

#[tokio::test]
async fn a_handler_can_ask_for_more_than_its_route_does() {
    let issuer = TestIssuer::in_memory("https://issuer.example.com");
    let handler = |auth: Authentication| async move { auth.require(&ScopePolicy::scope("more").unwrap()) };
    let app = Router::new().route("/", get(handler));
    let send = async |app: &Router, request: Request<Body>| {
        let response = app.clone().oneshot(request).await.unwrap();
        let reached = response.status().is_success();
        Answer::of(response, reached).await
    };
    let guarded = guarded(&issuer, app.clone());
    send(&guarded, bearer("/", &issuer.token().scope("more").sign())).await.assert_passed();
    send(&guarded, bearer("/", &issuer.token().scope("less").sign())).await.assert_insufficient_scope("more");
    let anonymous = || Request::get("/").body(Body::empty()).unwrap();
    send(&guarded, anonymous()).await.assert_asks_for_credentials(Reason::MissingCredentials);
    assert_eq!(send(&app, anonymous()).await.status, StatusCode::INTERNAL_SERVER_ERROR);
}

#[tokio::test]
async fn a_handler_can_look_at_a_rejection_before_it_is_answered() {
    async fn handler(claims: Result<Claims<Member>, Rejection>) -> String {
        let rejection = claims.unwrap_err();
        format!("{} {}", rejection.status().as_u16(), rejection.body_text())
    }
    let issuer = TestIssuer::in_memory("https://issuer.example.com");
    let bare = Router::new().route("/", get(handler));
    let app = guarded(&issuer, bare.clone());
    assert_eq!(text(&app, anonymous()).await, "401 The request needs an access token");
    let of_another_shape = bearer("/", &issuer.token().sign());
    assert_eq!(text(&app, of_another_shape).await, "401 The access token is not valid here");
    assert_eq!(text(&bare, anonymous()).await, "500 The server is misconfigured");
}
