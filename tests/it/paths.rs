//! What is guarded is the route that is served, however its path is written.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

use axum::Router;
use axum::body::Body;
use axum::body::Bytes;
use claviger::AuthConfig;
use claviger::AuthLayer;
use claviger::Issuer;
use claviger::ScopePolicy;
use claviger::routes::Routes;
use claviger_testing::TestIssuer;
use futures_util::stream::once;
use http::Method;
use http::Request;
use http::StatusCode;
use http::header::AUTHORIZATION;
use http_body_util::BodyExt;
use tower::ServiceExt;

use crate::support::AUDIENCE;

struct App {
    issuer: TestIssuer,
    router: Router,
}

impl App {
    /// `/admin` and what is below it is secret, `/pub` and what is below it is not.
    fn new() -> Self {
        let issuer = TestIssuer::in_memory("https://issuer.example.com");
        let trusted = Issuer::new(issuer.url(), AUDIENCE).with_jwks(issuer.jwks());
        let auth = AuthLayer::new(AuthConfig::builder(trusted).build().unwrap());
        let admin = || ScopePolicy::scope("admin").unwrap();
        let secret = || axum::routing::get(|| async { "secret" });
        let public = || axum::routing::get(|| async { "public" });
        let router = Routes::new()
            .guarded("/admin", admin(), secret())
            .guarded("/admin/{*rest}", admin(), secret())
            .open("/pub", public())
            .open("/pub/{*rest}", public())
            .into_router(auth);
        Self { issuer, router }
    }

    async fn send(&self, request: Request<Body>) -> (StatusCode, String) {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    fn request(&self, method: Method, path: &str, scope: Option<&str>) -> Request<Body> {
        let request = Request::builder().method(method).uri(path);
        let request = match scope {
            Some(scope) => request.header(AUTHORIZATION, format!("Bearer {}", self.issuer.token().scope(scope).sign())),
            None => request,
        };
        request.body(Body::empty()).unwrap()
    }
}

const SPELLINGS: [&str; 20] = [
    "/admin",
    "//admin",
    "/admin/",
    "/admin//",
    "/%61dmin",
    "/%2561dmin",
    "/ADMIN",
    "/admin;x=1",
    "/admin%20",
    "/admin%00",
    "/./admin",
    "/pub/../admin",
    "/pub/%2e%2e/admin",
    "/pub%2f..%2fadmin",
    "/pub%2fadmin",
    "/pub/..;/admin",
    "/?x=/pub",
    "/admin?x=/pub",
    "/admin/x?/pub/",
    "https://api.example.com/admin",
];

#[tokio::test]
async fn no_spelling_of_a_path_gets_around_its_guard() {
    let app = App::new();
    for path in SPELLINGS {
        for scope in [None, Some("other")] {
            let (status, body) = app.send(app.request(Method::GET, path, scope)).await;
            assert_ne!(body, "secret", "{path} {scope:?}");
            let is_open = path.starts_with("/pub/");
            assert_eq!(status == StatusCode::OK, is_open, "{path} {scope:?}: {status} {body}");
        }
        let (status, _) = app.send(app.request(Method::GET, path, Some("admin"))).await;
        assert!([StatusCode::OK, StatusCode::NOT_FOUND].contains(&status), "{path}: {status}");
    }
}

#[tokio::test]
async fn no_field_of_the_request_changes_what_is_judged() {
    let app = App::new();
    let fields = [
        ("x-http-method-override", "OPTIONS"),
        ("x-original-url", "/pub"),
        ("x-rewrite-url", "/pub"),
        ("x-forwarded-uri", "/pub"),
        ("x-forwarded-prefix", "/pub"),
        ("x-forwarded-host", "localhost"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-for", "127.0.0.1"),
        ("forwarded", "for=127.0.0.1;host=localhost"),
        ("host", "localhost"),
        ("user-agent", "kube-probe/1.31"),
        ("x-auth-request-user", "admin"),
        ("access-control-request-method", "GET"),
    ];
    for (name, value) in fields {
        for (scope, expected) in [(None, StatusCode::UNAUTHORIZED), (Some("other"), StatusCode::FORBIDDEN)] {
            for method in [Method::GET, Method::HEAD] {
                let mut request = app.request(method, "/admin", scope);
                request.headers_mut().insert(name, value.parse().unwrap());
                let (status, body) = app.send(request).await;
                assert_eq!(status, expected, "{name} {scope:?}");
                assert!(!body.contains(value), "{name}");
            }
        }
        let mut request = app.request(Method::GET, "/admin", Some("admin"));
        request.headers_mut().insert(name, value.parse().unwrap());
        assert_eq!(app.send(request).await.0, StatusCode::OK, "{name}");
    }
}

/// A body that tells whether anybody asked for it.
fn upload(was_read: &Arc<AtomicBool>) -> Body {
    let was_read = Arc::clone(was_read);
    Body::from_stream(once(async move {
        was_read.store(true, Ordering::SeqCst);
        Ok::<_, Infallible>(Bytes::new())
    }))
}

#[tokio::test]
async fn the_body_of_a_refused_request_is_not_read() {
    let app = App::new();
    for (scope, expected) in [(None, StatusCode::UNAUTHORIZED), (Some("other"), StatusCode::FORBIDDEN)] {
        let was_read = Arc::<AtomicBool>::default();
        let (parts, _) = app.request(Method::GET, "/admin", scope).into_parts();
        let request = Request::from_parts(parts, upload(&was_read));
        assert_eq!(app.send(request).await.0, expected);
        assert!(!was_read.load(Ordering::SeqCst), "{scope:?}");
    }
}
