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
use claviger::ScopeHierarchy;
use claviger::ScopePolicy;
use claviger::Scopes;
use claviger::error::Reason;
use claviger_testing::TestIssuer;
use claviger_testing::TokenBuilder;
use http::Request;
use http::StatusCode;
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
        Self::with(RequireScopeLayer::new(policy))
    }

    fn with(guard: RequireScopeLayer) -> Self {
        let issuer = TestIssuer::in_memory("https://issuer.example.com");
        let trusted = Issuer::new(issuer.url(), AUDIENCE).with_jwks(issuer.jwks());
        let hierarchy = ScopeHierarchy::default().with("everything", ["read", "write"]).unwrap();
        let auth = AuthConfig::builder(trusted)
            .allow_anonymous()
            .with_scope_hierarchy(hierarchy)
            .with_challenge_scope(Scopes::new(["of:layer"]).unwrap())
            .build()
            .unwrap();
        let reached = Arc::<AtomicBool>::default();
        let handler = |reached: &Arc<AtomicBool>| {
            let reached = Arc::clone(reached);
            async move || reached.store(true, Ordering::SeqCst)
        };
        let app = Router::new()
            .route("/", get(handler(&reached)))
            .route("/tenants/{tenant}", get(handler(&reached)))
            .route_layer(guard)
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
async fn any_of_needs_one_and_names_the_first() {
    let policy = || ScopePolicy::any_of(["read", "admin"]).unwrap();
    answer(policy(), |token| token.scope("admin")).await.assert_passed();
    answer(policy(), |token| token.scope("reader")).await.assert_insufficient_scope("read");
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

#[tokio::test]
async fn a_broader_scope_is_enough_and_the_challenge_names_what_is_needed() {
    let policy = || ScopePolicy::all_of(["read", "write"]).unwrap();
    answer(policy(), |token| token.scope("everything")).await.assert_passed();
    answer(policy(), |token| token.scope("Everything")).await.assert_insufficient_scope("read write");
}

#[tokio::test]
async fn what_no_scope_gives_is_forbidden_and_no_challenge_names_it() {
    let policy =
        || ScopePolicy::permission("delete").unwrap().and(ScopePolicy::claim_equals("app_id", "billing").unwrap());
    let with = |token: TokenBuilder| token.claim("permissions", ["delete"]).claim("app_id", "billing");
    answer(policy(), with).await.assert_passed();
    for lacking in [
        answer(policy(), |token| with(token).claim("permissions", ["read"])).await,
        answer(policy(), |token| with(token).claim("app_id", "other")).await,
        answer(policy(), |token| token.scope("delete billing")).await,
    ] {
        lacking.assert_forbidden();
        assert!(
            !format!("{lacking:?}").contains("billing") && !format!("{lacking:?}").contains("delete"),
            "{lacking:?}"
        );
    }
}

#[tokio::test]
async fn a_parameter_of_the_path_is_compared_with_its_claim() {
    let guarded = Guarded::by(ScopePolicy::path("tenant", "tenant_id").unwrap());
    let token = guarded.issuer.token().claim("tenant_id", "a b").sign();
    guarded.send(bearer("/tenants/a%20b", &token)).await.assert_passed();
    for path in ["/tenants/a", "/tenants/a%2520b", "/tenants/A%20b", "/tenants/%ff", "/?tenant=a%20b", "/"] {
        let refused = guarded.send(bearer(path, &token)).await;
        assert_eq!((refused.status, refused.reached), (StatusCode::FORBIDDEN, false), "{path}");
    }
}

/// RFC 9470, section 3.
#[tokio::test]
async fn an_authentication_that_is_too_weak_is_401_and_says_what_would_do() {
    let policy = || {
        ScopePolicy::scope("read")
            .unwrap()
            .and(ScopePolicy::acr(["urn:gold", "urn:silver"]).unwrap())
            .and(ScopePolicy::max_age(std::time::Duration::from_secs(300)).unwrap())
    };
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let strong = |token: TokenBuilder| token.scope("read").claim("acr", "urn:silver").claim("auth_time", now - 60);
    answer(policy(), strong).await.assert_passed();
    let weak = answer(policy(), |token| strong(token).claim("acr", "urn:bronze")).await;
    weak.assert_step_up(Some("urn:gold urn:silver"), None, Some("read"));
    let old = answer(policy(), |token| strong(token).claim("auth_time", now - 3600)).await;
    old.assert_step_up(None, Some("300"), Some("read"));
    let unknown = answer(policy(), |token| token.scope("read")).await;
    unknown.assert_step_up(Some("urn:gold urn:silver"), Some("300"), Some("read"));
    answer(policy(), |token| token).await.assert_step_up(Some("urn:gold urn:silver"), Some("300"), Some("read"));
    answer(policy(), |token| strong(token).scope("other")).await.assert_insufficient_scope("read");
}

#[tokio::test]
async fn an_anonymous_request_is_not_told_how_strong_an_authentication_must_be() {
    let guarded = Guarded::by(ScopePolicy::acr(["urn:gold"]).unwrap());
    let answer = guarded.send(Request::get("/").body(Body::empty()).unwrap()).await;
    answer.assert_asks_for_credentials(Reason::MissingCredentials);
    assert_eq!(answer.parameter("acr_values"), None);
}

#[tokio::test]
async fn a_guard_that_only_reports_lets_everybody_pass() {
    let guarded = Guarded::with(RequireScopeLayer::new(ScopePolicy::scope("read").unwrap()).report_only());
    guarded.send(bearer("/", &guarded.issuer.token().sign())).await.assert_passed();
    guarded.send(Request::get("/").body(Body::empty()).unwrap()).await.assert_passed();
    guarded.send(bearer("/", "junk")).await.assert_invalid_token(Reason::MalformedToken);
}
