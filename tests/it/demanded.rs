//! Section 4 of the contract: the scopes that a 403 names, and where it names none.

use axum::Router;
use axum::routing::get;
use claviger::AuthConfig;
use claviger::AuthConfigBuilder;
use claviger::AuthLayer;
use claviger::Issuer;
use claviger::RequireScopeLayer;
use claviger::ScopeHierarchy;
use claviger::ScopePolicy;
use claviger::Scopes;
use claviger::authenticate::Authentication;
use claviger::authorize::Demand;
use claviger::extract::Rejection;
use claviger::extract::Scoped;
use claviger::policy;
use claviger::require_scope;
use claviger::routes::Routes;
use claviger_testing::TestIssuer;
use serde_json::json;
use tower::ServiceExt;

use crate::support::AUDIENCE;
use crate::support::Answer;
use crate::support::Change;
use crate::support::bearer;

#[derive(Demand)]
#[demand("extracted")]
struct Extracted;

async fn extracting(_: Scoped<Extracted>, auth: Authentication) -> Result<(), Rejection> {
    auth.require(&policy!(any("asked", "asked:too")))?;
    auth.require(&policy!("asked:last"))
}

#[require_scope("attributed")]
async fn attributed(auth: Authentication) -> Result<(), Rejection> {
    auth.require(&policy!("asked"))
}

#[require_scope("attributed", role("editor"))]
async fn for_editors() {}

struct Api {
    issuer: TestIssuer,
    app: Router,
}

impl Api {
    fn new(make: impl FnOnce(AuthConfig) -> Router, change: Change) -> Self {
        let issuer = TestIssuer::in_memory("https://issuer.example.com");
        let trusted = Issuer::new(issuer.url(), AUDIENCE).with_jwks(issuer.jwks());
        let cfg = change(AuthConfig::builder(trusted)).build().unwrap();
        Self { issuer, app: make(cfg) }
    }

    async fn ask(&self, path: &str, scope: &str) -> Answer {
        let token = self.issuer.token().scope(scope).claim("roles", json!(["auditor"])).sign();
        let response = self.app.clone().oneshot(bearer(path, &token)).await.unwrap();
        let reached = response.status() == 200;
        Answer::of(response, reached).await
    }
}

fn guard(policy: ScopePolicy) -> RequireScopeLayer {
    RequireScopeLayer::new(policy)
}

/// Handlers behind a guard of their router.
fn behind(policy: ScopePolicy) -> Router {
    Router::new()
        .route("/extracting", get(extracting))
        .route("/attributed", get(attributed))
        .route("/editors", get(for_editors))
        .route("/layers", get(async || ()).route_layer(guard(policy!("inner"))))
        .layer(guard(policy))
}

#[tokio::test]
async fn guards_before_are_named_by_layer_extractor_and_attribute() {
    let api = Api::new(|cfg| behind(policy!("outer")).layer(AuthLayer::new(cfg)), |settings| settings);
    for (path, scope, named) in [
        ("/layers", "", "outer"),
        ("/layers", "inner", "outer"),
        ("/layers", "outer", "outer inner"),
        ("/extracting", "outer", "outer extracted"),
        ("/extracting", "extracted outer", "outer extracted asked"),
        ("/extracting", "extracted outer asked:too", "outer extracted asked:too asked:last"),
        ("/extracting", "extracted outer asked x", "outer extracted asked asked:last"),
        ("/attributed", "outer", "outer attributed"),
        ("/attributed", "outer attributed", "outer attributed asked"),
    ] {
        api.ask(path, scope).await.assert_insufficient_scope(named);
    }
    for (path, scope) in [
        ("/layers", "outer inner"),
        ("/extracting", "outer extracted asked asked:last"),
        ("/attributed", "outer attributed asked"),
    ] {
        api.ask(path, scope).await.assert_passed();
    }
}

#[tokio::test]
async fn of_alternatives_before_the_one_that_the_token_has_is_named() {
    let alternatives = policy!(any("first", all("second", "third"), role("auditor")));
    let api = Api::new(|cfg| behind(alternatives).layer(AuthLayer::new(cfg)), |settings| settings);
    for (scope, named) in [("first", "first inner"), ("third second", "second third inner"), ("third", "inner")] {
        api.ask("/layers", scope).await.assert_insufficient_scope(named);
    }
}

#[tokio::test]
async fn a_broader_scope_passes_and_what_is_needed_stays_the_narrow_one() {
    let broad = |settings: AuthConfigBuilder| {
        settings.with_scope_hierarchy(ScopeHierarchy::default().with("admin", ["outer"]).unwrap())
    };
    let api = Api::new(|cfg| behind(policy!("outer")).layer(AuthLayer::new(cfg)), broad);
    api.ask("/layers", "admin").await.assert_insufficient_scope("outer inner");
}

#[tokio::test]
async fn a_guard_that_only_reports_demands_nothing() {
    let router = |cfg| {
        let inner = Router::new().route("/", get(async || ()).route_layer(guard(policy!("inner"))));
        inner.layer(guard(policy!("reported")).report_only()).layer(AuthLayer::new(cfg))
    };
    let api = Api::new(router, |settings| settings);
    for scope in ["", "reported"] {
        api.ask("/", scope).await.assert_insufficient_scope("inner");
    }
}

#[tokio::test]
async fn what_is_demanded_outlives_another_layer() {
    let same = |cfg: AuthConfig| {
        behind(policy!("between"))
            .layer(AuthLayer::new(cfg.clone()))
            .layer(guard(policy!("outer")))
            .layer(AuthLayer::new(cfg))
    };
    Api::new(same, |settings| settings)
        .ask("/layers", "outer between")
        .await
        .assert_insufficient_scope("outer between inner");

    let issuer = TestIssuer::in_memory("https://issuer.example.com");
    let layer = || {
        let trusted = Issuer::new(issuer.url(), AUDIENCE).with_jwks(issuer.jwks());
        AuthLayer::new(AuthConfig::builder(trusted).build().unwrap())
    };
    let app = behind(policy!("between")).layer(layer()).layer(guard(policy!("outer"))).layer(layer());
    let api = Api { app, issuer };
    api.ask("/layers", "outer between").await.assert_insufficient_scope("outer between inner");
}

#[tokio::test]
async fn where_no_scope_helps_no_challenge_asks_for_one() {
    let api = Api::new(|cfg| behind(policy!(role("auditor"))).layer(AuthLayer::new(cfg)), |settings| settings);
    for scope in ["", "attributed"] {
        api.ask("/editors", scope).await.assert_forbidden();
    }
    let nobody = Api::new(
        |cfg| behind(policy!("outer", role("editor"))).layer(AuthLayer::new(cfg)),
        |settings| {
            settings
                .with_challenge_scope(Scopes::new(["of:layer"]).unwrap())
                .with_resource("https://api.example.com/mcp")
        },
    );
    nobody.ask("/layers", "outer inner").await.assert_forbidden();
    let routes = |cfg| {
        let routes = Routes::new().route("/editors", claviger::routes::get(for_editors));
        routes.into_router(AuthLayer::new(cfg))
    };
    Api::new(routes, |settings| settings).ask("/editors", "attributed").await.assert_forbidden();
}

#[tokio::test]
async fn the_tokens_own_scopes_are_named_where_that_is_chosen() {
    let supported = |settings: AuthConfigBuilder| {
        settings
            .with_resource("https://api.example.com/mcp")
            .with_scopes_supported(Scopes::new(["outer", "kept"]).unwrap())
    };
    let router = |cfg| behind(policy!("outer")).layer(AuthLayer::new(cfg));
    let plain = Api::new(router, supported);
    plain.ask("/layers", "kept outer").await.assert_insufficient_scope("outer inner");
    let granting = Api::new(router, |settings| {
        let supported = Scopes::new(["outer", "kept"]).unwrap();
        settings.with_scopes_supported(supported).challenge_granted()
    });
    for (scope, named) in [
        ("kept outer", "outer inner kept"),
        ("foreign outer kept", "outer inner kept"),
        ("outer", "outer inner"),
        ("kept", "outer kept"),
        ("foreign", "outer"),
    ] {
        granting.ask("/layers", scope).await.assert_insufficient_scope(named);
    }
}

#[tokio::test]
async fn scopes_of_routes_are_supported_too() {
    let router = |cfg| {
        let routes = Routes::new().guarded("/one", policy!("one"), get(async || ())).guarded(
            "/two",
            policy!("two"),
            get(async || ()),
        );
        routes.into_router(AuthLayer::new(cfg))
    };
    // An operation's scope does not cost the client that of the other one.
    let granting = Api::new(router, AuthConfigBuilder::challenge_granted);
    granting.ask("/two", "one").await.assert_insufficient_scope("two one");
    granting.ask("/one", "two").await.assert_insufficient_scope("one two");
    Api::new(router, |settings| settings).ask("/two", "one").await.assert_insufficient_scope("two");
}
