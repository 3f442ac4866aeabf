//! Guards: what a route needs of a believed token.

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use claviger::AuthConfig;
use claviger::AuthLayer;
use claviger::Issuer;
use claviger::RequireScopeLayer;
use claviger::ScopePolicy;
use claviger::error::Reason;
use claviger_testing::TestIssuer;
use claviger_testing::TokenBuilder;
use http::Request;
use serde_json::json;
use tower::ServiceExt;

use crate::support::AUDIENCE;
use crate::support::Answer;
use crate::support::bearer;

async fn answer(policy: ScopePolicy, change: impl Fn(TokenBuilder) -> TokenBuilder) -> Answer {
    let issuer = TestIssuer::in_memory("https://issuer.example.com");
    let trusted = Issuer::new(issuer.url(), AUDIENCE).with_jwks(issuer.jwks());
    let app = Router::new()
        .route("/", get(|| async {}))
        .route_layer(RequireScopeLayer::new(policy))
        .layer(AuthLayer::new(AuthConfig::builder(trusted).allow_anonymous().build().unwrap()));
    let response = app.oneshot(bearer("/", &change(issuer.token()).sign())).await.unwrap();
    let passed = response.status() == 200;
    Answer::of(response, passed).await
}

#[tokio::test]
async fn all_of_needs_every_scope_and_names_all_of_them() {
    let policy = || ScopePolicy::all_of(["read", "write"]).unwrap();
    answer(policy(), |token| token.scope("write admin read")).await.assert_passed();
    answer(policy(), |token| token.scope("read")).await.assert_insufficient_scope("read write");
    answer(policy(), |token| token).await.assert_insufficient_scope("read write");
}

#[tokio::test]
async fn any_of_needs_one_and_names_the_choice() {
    let policy = || ScopePolicy::any_of(["read", "admin"]).unwrap();
    answer(policy(), |token| token.scope("admin")).await.assert_passed();
    answer(policy(), |token| token.scope("reader")).await.assert_insufficient_scope("read admin");
}

#[tokio::test]
async fn scopes_come_as_words_or_as_a_list_and_never_as_anything_else() {
    let policy = || ScopePolicy::all_of(["read"]).unwrap();
    for scopes in [json!("read"), json!(" write  read "), json!(["write", "read"])] {
        answer(policy(), |token| token.claim("scope", scopes.clone())).await.assert_passed();
        answer(policy(), |token| token.claim("scp", scopes.clone())).await.assert_passed();
    }
    for none in [
        json!(["read write"]),
        json!({"read": true}),
        json!(1),
        json!(["read", 1]),
        json!("read\u{a0}"),
        json!("read\t"),
    ] {
        answer(policy(), |token| token.claim("scope", none.clone())).await.assert_insufficient_scope("read");
    }
    answer(policy(), |token| token.scope("other").claim("scp", "read")).await.assert_insufficient_scope("read");
}

#[tokio::test]
async fn an_anonymous_request_is_asked_for_credentials_with_the_scope() {
    let issuer = TestIssuer::in_memory("https://issuer.example.com");
    let trusted = Issuer::new(issuer.url(), AUDIENCE).with_jwks(issuer.jwks());
    let app = Router::new()
        .route("/", get(|| async {}))
        .route_layer(RequireScopeLayer::new(ScopePolicy::all_of(["read"]).unwrap()))
        .layer(AuthLayer::new(AuthConfig::builder(trusted).allow_anonymous().build().unwrap()));
    let response = app.oneshot(Request::get("/").body(Body::empty()).unwrap()).await.unwrap();
    let answer = Answer::of(response, false).await;
    answer.assert_asks_for_credentials(Reason::MissingCredentials);
    assert_eq!(answer.parameter("scope").as_deref(), Some("read"));
}
