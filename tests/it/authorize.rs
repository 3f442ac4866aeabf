//! Guards: what a route needs of a believed token.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use claviger::AuthConfig;
use claviger::AuthLayer;
use claviger::Issuer;
use claviger::RequireScopeLayer;
use claviger::ScopePolicy;
use claviger::Scopes;
use claviger::error::Reason;
use claviger_testing::TestIssuer;
use claviger_testing::TokenBuilder;
use http::Request;
use serde_json::json;
use tower::ServiceExt;

use crate::support::AUDIENCE;
use crate::support::Answer;
use crate::support::bearer;

/// Guarded by `policy`, and anonymous requests get as far as the guard.
struct Guarded {
    issuer: TestIssuer,
    app: Router,
    reached: Arc<AtomicBool>,
}

impl Guarded {
    fn by(policy: ScopePolicy) -> Self {
        let issuer = TestIssuer::in_memory("https://issuer.example.com");
        let trusted = Issuer::new(issuer.url(), AUDIENCE).with_jwks(issuer.jwks());
        let auth = AuthConfig::builder(trusted)
            .allow_anonymous()
            .with_challenge_scope(Scopes::new(["of:layer"]).unwrap())
            .build()
            .unwrap();
        let reached = Arc::<AtomicBool>::default();
        let handler = Arc::clone(&reached);
        let app = Router::new()
            .route("/", get(async move || handler.store(true, Ordering::SeqCst)))
            .route_layer(RequireScopeLayer::new(policy))
            .layer(AuthLayer::new(auth));
        Self { issuer, app, reached }
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.app.clone().oneshot(request).await.unwrap();
        Answer::of(response, self.reached.swap(false, Ordering::SeqCst)).await
    }
}

async fn answer(policy: ScopePolicy, change: impl Fn(TokenBuilder) -> TokenBuilder) -> Answer {
    let guarded = Guarded::by(policy);
    guarded.send(bearer("/", &change(guarded.issuer.token()).sign())).await
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
    let anonymous = || Request::get("/").body(Body::empty()).unwrap();
    let answer = Guarded::by(ScopePolicy::all_of(["read"]).unwrap()).send(anonymous()).await;
    answer.assert_asks_for_credentials(Reason::MissingCredentials);
    assert_eq!(answer.parameter("scope").as_deref(), Some("read"));
    let without_scope = Guarded::by(ScopePolicy::authenticated()).send(anonymous()).await;
    assert_eq!(without_scope.parameter("scope").as_deref(), Some("of:layer"));
}
