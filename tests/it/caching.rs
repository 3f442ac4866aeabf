//! Section 1 of the contract: what caches may do with the answers, beside those of `sources` and `dpop::nonces`.

use axum::Router;
use axum::body::Body;
use axum::routing::any;
use claviger::AuthConfig;
use claviger::AuthConfigBuilder;
use claviger::AuthLayer;
use claviger::Claims;
use claviger::Issuer;
use claviger::Preflight;
use claviger::TokenSource;
use claviger_testing::TestIssuer;
use http::HeaderMap;
use http::HeaderName;
use http::Request;
use http::Response;
use http::header::CACHE_CONTROL;
use http::header::VARY;
use serde_json::Value;
use tower::ServiceExt;

use crate::support::AUDIENCE;

/// What the service says about caches is what the request asks it to say.
async fn saying(headers: HeaderMap) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    for (asked, field) in [("x-cache-control", CACHE_CONTROL), ("x-vary", VARY)] {
        response.headers_mut().extend(headers.get(asked).map(|said| (field, said.clone())));
    }
    response
}

fn app(issuer: &TestIssuer, settings: impl FnOnce(AuthConfigBuilder) -> AuthConfigBuilder) -> Router {
    let trusted = Issuer::new(issuer.url(), AUDIENCE).with_jwks(issuer.jwks());
    let cfg = settings(AuthConfig::builder(trusted)).build().unwrap();
    Router::new()
        .route("/", any(saying))
        .route("/claims", any(async |_: Claims<Value>| "in"))
        .layer(AuthLayer::new(cfg.clone()))
        .layer(AuthLayer::new(cfg))
}

async fn headers(app: &Router, path: &str, fields: &[(&str, &str)]) -> HeaderMap {
    let mut request = Request::get(path);
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap().headers().clone()
}

fn lines(headers: &HeaderMap, name: HeaderName) -> Vec<&str> {
    headers.get_all(name).iter().map(|line| line.to_str().unwrap()).collect()
}

#[tokio::test]
async fn anonymous_answers_of_an_optional_layer_vary_with_the_credentials() {
    let issuer = TestIssuer::in_memory("https://issuer.example.com");
    let by_field = app(&issuer, AuthConfigBuilder::allow_anonymous);
    let by_more = app(&issuer, |settings| {
        let cookies = ["a", "b"].map(TokenSource::cookie);
        let others = [TokenSource::Authorization, TokenSource::Query, TokenSource::header("X-Token")];
        settings.allow_anonymous().with_sources(others.into_iter().chain(cookies))
    });
    for (app, said, expected) in [
        (&by_field, None, "Authorization"),
        (&by_field, Some("Accept"), "Accept, Authorization"),
        (&by_field, Some("authorization"), "authorization"),
        (&by_field, Some("*"), "*"),
        (&by_more, None, "Authorization, x-token, Cookie"),
    ] {
        let fields: Vec<_> = said.map(|said| ("x-vary", said)).into_iter().collect();
        let anonymous = headers(app, "/", &fields).await;
        assert_eq!(lines(&anonymous, VARY), [expected], "{said:?}");
        assert!(!anonymous.contains_key(CACHE_CONTROL), "{anonymous:?}");
        let refused = headers(app, "/claims", &[]).await;
        assert_eq!(lines(&refused, CACHE_CONTROL), ["no-store"]);
        let token = format!("Bearer {}", issuer.token().sign());
        let accepted = headers(app, "/", &[("authorization", &token)]).await;
        assert_eq!(lines(&accepted, CACHE_CONTROL), ["private"]);
        assert!(!accepted.contains_key(VARY), "{accepted:?}");
    }
}

#[tokio::test]
async fn a_layer_that_demands_credentials_leaves_vary_alone() {
    let issuer = TestIssuer::in_memory("https://issuer.example.com");
    let app = app(&issuer, |settings| settings.with_preflight(Preflight::Pass));
    let preflight = Request::options("/").header("origin", "https://app.example");
    let preflight = preflight.header("access-control-request-method", "PUT").body(Body::empty()).unwrap();
    let passed = app.clone().oneshot(preflight).await.unwrap();
    assert!(passed.status().is_success());
    assert!([VARY, CACHE_CONTROL].iter().all(|name| !passed.headers().contains_key(name)), "{passed:?}");
    let token = format!("Bearer {}", issuer.token().sign());
    let accepted = headers(&app, "/", &[("authorization", &token), ("x-vary", "Accept")]).await;
    assert_eq!(lines(&accepted, VARY), ["Accept"]);
}
