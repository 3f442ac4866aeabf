//! `Routes`: none is open by accident.

use std::convert::Infallible;
use std::sync::LazyLock;

use axum::Extension;
use axum::Json;
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use claviger::AuthConfig;
use claviger::AuthLayer;
use claviger::Issuer;
use claviger::ScopePolicy;
use claviger::authorize::Demand;
use claviger::authorize::Enforcement;
use claviger::error::Reason;
use claviger::extract::Scoped;
use claviger::routes::Access;
use claviger::routes::Routes;
use claviger::routes::delete;
use claviger::routes::get;
use claviger::routes::post;
use claviger_testing::TestIssuer;
use http::Method;
use http::Request;
use http::Response;
use http::StatusCode;
use http::header::AUTHORIZATION;
use tower::ServiceExt;

use crate::support::AUDIENCE;
use crate::support::Answer;

struct Read;

impl Demand for Read {
    fn policy() -> &'static ScopePolicy {
        static POLICY: LazyLock<ScopePolicy> = LazyLock::new(|| ScopePolicy::scope("read").unwrap());
        &POLICY
    }
}

struct Write;

impl Demand for Write {
    fn policy() -> &'static ScopePolicy {
        static POLICY: LazyLock<ScopePolicy> =
            LazyLock::new(|| ScopePolicy::scope("write").unwrap().and(ScopePolicy::role("editor").unwrap()));
        &POLICY
    }
}

struct Soon;

impl Demand for Soon {
    fn policy() -> &'static ScopePolicy {
        static POLICY: LazyLock<ScopePolicy> = LazyLock::new(|| ScopePolicy::scope("soon").unwrap());
        &POLICY
    }

    fn enforcement() -> Enforcement {
        Enforcement::ReportOnly
    }
}

async fn read(_: Scoped<Read>) -> &'static str {
    "read"
}

async fn write(body: Scoped<Write, Json<u32>>) -> String {
    format!("wrote {}", body.0)
}

async fn remove(_: Scoped<Soon>, State(state): State<&'static str>) -> &'static str {
    state
}

fn routes() -> Routes {
    let of_items = Routes::new().route("/", get(read)).route("/{id}", delete(remove).post(write));
    Routes::new()
        .route("/reports", get(read).post(write))
        .open("/health", axum::routing::get(|| async { "well" }))
        .guarded(
            "/any",
            ScopePolicy::any_of(["a", "b"]).unwrap(),
            axum::routing::get(|| async { "any" }).post(|| async {}),
        )
        .nest("/items", of_items.open("/list", axum::routing::get(|| async { "list" })))
        .merge(Routes::new().route("/more", post(write)).open("/ready", axum::routing::get(|| async { "ready" })))
        .with_state("state")
}

struct App {
    issuer: TestIssuer,
    router: Router,
}

impl App {
    fn new() -> Self {
        Self::of(routes())
    }

    fn of(routes: Routes) -> Self {
        let issuer = TestIssuer::in_memory("https://issuer.example.com");
        let trusted = Issuer::new(issuer.url(), AUDIENCE).with_jwks(issuer.jwks());
        let auth = AuthLayer::new(AuthConfig::builder(trusted).build().unwrap());
        Self { issuer, router: routes.into_router(auth) }
    }

    async fn send(&self, method: Method, path: &str, scope: Option<&str>, body: &'static str) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header("content-type", "application/json");
        if let Some(scope) = scope {
            let token = self.issuer.token().scope(scope).claim("roles", ["editor"]).sign();
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        let response = self.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let reached = response.status().is_success();
        Answer::of(response, reached).await
    }
}

#[tokio::test]
async fn each_method_is_guarded_by_its_own_demand() {
    let app = App::new();
    for (method, path, scope, body) in [
        (Method::GET, "/reports", "read", ""),
        (Method::POST, "/reports", "write", "7"),
        (Method::GET, "/any", "b", ""),
        (Method::POST, "/any", "a", ""),
        (Method::GET, "/items", "read", ""),
        (Method::POST, "/items/1", "write", "7"),
        (Method::POST, "/more", "write", "7"),
        (Method::HEAD, "/reports", "read", ""),
    ] {
        app.send(method.clone(), path, Some(scope), body).await.assert_passed();
        let refused = app.send(method.clone(), path, Some("other"), body).await;
        if method != Method::HEAD {
            let named = if path == "/any" { "a" } else { scope };
            refused.assert_insufficient_scope(named);
        }
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{method} {path}");
        let anonymous = app.send(method.clone(), path, None, body).await;
        assert_eq!(anonymous.reason, Some(Reason::MissingCredentials), "{method} {path}");
    }
}

/// axum makes `any` of a fallback, which its `route_layer` leaves out.
#[tokio::test]
async fn a_guarded_route_is_guarded_for_methods_that_it_does_not_name() {
    let service = tower::service_fn(async |_: Request<Body>| Ok::<_, Infallible>(Response::new(Body::from("service"))));
    let policy = || ScopePolicy::scope("read").unwrap();
    let routes = Routes::new()
        .guarded("/any", policy(), axum::routing::any(async || "any"))
        .guarded("/any-but-get", policy(), axum::routing::any(async || "any").get(async || "get"))
        .guarded("/fallback", policy(), axum::routing::get(async || "get").fallback(async || "fallback"))
        .guarded("/service", policy(), axum::routing::any_service(service));
    let app = App::of(routes);
    for path in ["/any", "/any-but-get", "/fallback", "/service"] {
        for method in ["GET", "POST", "OPTIONS", "PROPFIND"].map(|method| method.parse::<Method>().unwrap()) {
            app.send(method.clone(), path, Some("read"), "").await.assert_passed();
            app.send(method.clone(), path, Some("other"), "").await.assert_insufficient_scope("read");
            let anonymous = app.send(method, path, None, "").await;
            anonymous.assert_asks_for_credentials(Reason::MissingCredentials);
        }
    }
}

#[tokio::test]
async fn only_what_is_called_open_is_open() {
    let app = App::new();
    for path in ["/health", "/items/list", "/ready"] {
        app.send(Method::GET, path, None, "").await.assert_passed();
    }
    for path in ["/", "/unknown", "/reports/", "/health/x", "/items/1/2"] {
        app.send(Method::GET, path, None, "").await.assert_asks_for_credentials(Reason::MissingCredentials);
    }
    assert_eq!(app.send(Method::GET, "/unknown", Some("read"), "").await.status, StatusCode::NOT_FOUND);
    assert_eq!(app.send(Method::PUT, "/reports", None, "").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(app.send(Method::PUT, "/reports", Some("read"), "").await.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn a_demand_is_judged_before_the_body_is_looked_at() {
    let app = App::new();
    app.send(Method::POST, "/reports", Some("read"), "no json").await.assert_insufficient_scope("write");
    assert_eq!(app.send(Method::POST, "/reports", Some("write"), "no json").await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_demand_that_only_reports_lets_everybody_pass_who_has_a_token() {
    let app = App::new();
    let answer = app.send(Method::DELETE, "/items/1", Some("other"), "").await;
    answer.assert_passed();
    assert_eq!(answer.body, "state");
    app.send(Method::DELETE, "/items/1", None, "").await.assert_asks_for_credentials(Reason::MissingCredentials);
}

#[test]
fn the_report_lists_method_path_and_demand_in_the_order_they_were_added() {
    let expected = r#"GET /reports "read"
POST /reports "write", role("editor")
* /health open
* /any any("a", "b")
GET /items "read"
DELETE /items/{id} "soon", report_only
POST /items/{id} "write", role("editor")
* /items/list open
POST /more "write", role("editor")
* /ready open
"#;
    let routes = routes();
    assert_eq!(routes.report().to_string(), expected);
    assert_eq!(routes.scopes().to_string(), "read write a b soon");
    let open = routes.report().iter().filter(|entry| matches!(entry.access(), Access::Open));
    assert_eq!(open.map(claviger::routes::RouteEntry::path).collect::<Vec<_>>(), ["/health", "/items/list", "/ready"]);
}

#[tokio::test]
async fn the_report_names_nested_paths_at_which_they_are_served() {
    let well = || axum::routing::get(async || "well");
    let inner = || Routes::new().open("/", well()).open("/a", well());
    for (prefix, expected) in [("/items", ["/items", "/items/a"]), ("/items/", ["/items/", "/items/a"])] {
        let routes = Routes::new().nest(prefix, inner());
        let paths: Vec<_> = routes.report().iter().map(|entry| entry.path().to_owned()).collect();
        assert_eq!(paths, expected);
        let app = App::of(routes);
        for path in paths {
            app.send(Method::GET, &path, None, "").await.assert_passed();
        }
    }
}

#[tokio::test]
async fn a_guarded_handler_on_a_router_without_the_layer_answers_500() {
    let bare = Router::new().route("/", axum::routing::get(read)).layer(Extension(()));
    let response = bare.oneshot(Request::get("/").body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
}
