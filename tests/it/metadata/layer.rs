//! The layer in its surroundings: nested routers, services without axum, `Routes`, a CORS layer outside.

use std::convert::Infallible;

use axum::Json;
use axum::Router;
use axum::body::Body;
use axum::routing::get;
use bytes::Bytes;
use claviger::AuthLayer;
use claviger::ScopePolicy;
use claviger::Scopes;
use claviger::error::Reason;
use claviger::routes::Routes;
use claviger_testing::TestIssuer;
use http::HeaderValue;
use http::Method;
use http::Request;
use http::StatusCode;
use http::header;
use http_body_util::BodyExt;
use http_body_util::Full;
use serde_json::Value;
use serde_json::json;
use tower::Layer;
use tower::ServiceExt;
use tower::service_fn;
use tower_http::cors::CorsLayer;

use crate::metadata::PATH;
use crate::metadata::RESOURCE;
use crate::metadata::ask;
use crate::metadata::at_hand;
use crate::metadata::builder;
use crate::metadata::document;
use crate::metadata::request;
use crate::support::bearer;

#[tokio::test]
async fn a_nested_layer_judges_the_path_that_the_client_sent() {
    let (issuer, cfg) = at_hand();
    let inner = || {
        let routes = Router::new().route("/", get(|| async { "in" })).fallback(|| async { "elsewhere" });
        routes.layer(AuthLayer::new(cfg.clone()))
    };
    for prefixed in [Router::new().nest("/v1", inner()), Router::new().nest_service("/v1", inner())] {
        let answer = ask(&prefixed, request(Method::GET, &format!("/v1{PATH}"))).await;
        assert_eq!(answer.reason, Some(Reason::MissingCredentials));
        assert_eq!(ask(&prefixed, request(Method::GET, PATH)).await.status, StatusCode::NOT_FOUND);
    }

    let well_known = Router::new().nest("/.well-known", inner());
    assert_eq!(ask(&well_known, request(Method::GET, PATH)).await.status, StatusCode::OK);

    let outermost = Router::new().nest("/v1", inner()).layer(AuthLayer::new(cfg.clone()));
    assert_eq!(ask(&outermost, request(Method::GET, PATH)).await.status, StatusCode::OK);
    let answer = ask(&outermost, request(Method::GET, &format!("/v1{PATH}"))).await;
    assert_eq!(answer.reason, Some(Reason::MissingCredentials));
    assert_eq!(ask(&outermost, bearer("/v1", &issuer.token().sign())).await.body, "in");
}

#[tokio::test]
async fn where_the_layer_sees_no_such_path_a_route_can_serve_the_document() {
    let (_, cfg) = at_hand();
    let auth = AuthLayer::new(cfg);
    let guarded = || Router::new().route("/mcp", get(|| async { "in" })).route_layer(auth.clone());
    assert_eq!(ask(&guarded(), request(Method::GET, PATH)).await.status, StatusCode::NOT_FOUND);

    let metadata = auth.resource_metadata().unwrap().clone();
    let path = metadata.path().to_owned();
    let app = guarded().route(&path, get(async move || Json(metadata)));
    let answer = ask(&app, request(Method::GET, PATH)).await;
    assert_eq!((answer.status, answer.json()), (StatusCode::OK, document(RESOURCE)));
}

#[tokio::test]
async fn any_tower_service_gets_the_same_answers() {
    let (_, cfg) = at_hand();
    let unreachable =
        async |_: Request<()>| -> Result<http::Response<Full<Bytes>>, Infallible> { panic!("came through") };
    let service = AuthLayer::new(cfg).layer(service_fn(unreachable));
    for (method, status, is_document) in [
        (Method::GET, StatusCode::OK, true),
        (Method::HEAD, StatusCode::OK, false),
        (Method::OPTIONS, StatusCode::NO_CONTENT, false),
        (Method::DELETE, StatusCode::METHOD_NOT_ALLOWED, false),
    ] {
        let asking = Request::builder().method(method.clone()).uri(PATH).body(()).unwrap();
        let answer = service.clone().oneshot(asking).await.unwrap();
        assert_eq!(answer.status(), status, "{method}");
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        let body: Option<Value> = serde_json::from_slice(&body).ok();
        assert_eq!(body, is_document.then(|| document(RESOURCE)), "{method}");
    }
    let refused = service.oneshot(Request::get("/mcp").body(()).unwrap()).await.unwrap();
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_layer_can_name_more_scopes_and_stays_one_of_its_configuration() {
    let issuer = TestIssuer::in_memory("https://issuer.example.com");
    let scopes = |words: &[&str]| Scopes::new(words).unwrap();
    let cfg = builder(&issuer).with_resource(RESOURCE).with_scopes_supported(scopes(&["b", "a"])).build().unwrap();
    let more = AuthLayer::new(cfg.clone())
        .add_scopes_supported(&scopes(&["c", "a"]))
        .add_scopes_supported(&scopes(&["d", "c"]));
    let app = Router::new()
        .route("/", get(|| async { "in" }))
        .layer(AuthLayer::new(cfg.clone()))
        .layer(tower::util::MapRequestLayer::new(|mut request: Request<Body>| {
            request.headers_mut().remove(header::AUTHORIZATION);
            request
        }))
        .layer(more);
    let answer = ask(&app, request(Method::GET, PATH)).await;
    assert_eq!(answer.json()["scopes_supported"], json!(["b", "a", "c", "d"]));
    assert_eq!(ask(&app, bearer("/", &issuer.token().sign())).await.status, StatusCode::OK);
    let of_configuration = serde_json::to_value(AuthLayer::new(cfg).resource_metadata()).unwrap();
    assert_eq!(of_configuration["scopes_supported"], json!(["b", "a"]));
}

#[tokio::test]
async fn the_scopes_of_routes_are_named_after_those_of_the_configuration() {
    let issuer = TestIssuer::in_memory("https://issuer.example.com");
    let cfg = builder(&issuer).with_resource(RESOURCE).with_scopes_supported(Scopes::new(["b"]).unwrap());
    let policy = |words: &[&str]| ScopePolicy::all_of(words).unwrap();
    let app = Routes::new()
        .guarded("/a", policy(&["a"]), get(|| async { "in" }))
        .guarded("/b", policy(&["b", "c"]), get(|| async { "in" }))
        .open("/health", get(|| async { "well" }))
        .into_router(AuthLayer::new(cfg.build().unwrap()));
    let answer = ask(&app, request(Method::GET, PATH)).await;
    assert_eq!(answer.json()["scopes_supported"], json!(["b", "a", "c"]));
    assert_eq!(ask(&app, request(Method::GET, "/health")).await.body, "well");
}

/// The order that the documentation asks for: what CORS does outside, the auth layer need not know.
#[tokio::test]
async fn a_cors_layer_outside_answers_preflights_and_lets_pages_read_challenges() {
    let (_, cfg) = at_hand();
    let origin = HeaderValue::from_static("https://app.example");
    let cors = CorsLayer::new()
        .allow_origin(origin.clone())
        .allow_headers([header::AUTHORIZATION])
        .expose_headers([header::WWW_AUTHENTICATE, header::RETRY_AFTER]);
    let app = Router::new().route("/mcp", get(|| async { "in" })).layer(AuthLayer::new(cfg)).layer(cors);
    let from_page = |method, path| {
        let mut asking = request(method, path);
        asking.headers_mut().insert(header::ORIGIN, origin.clone());
        asking
    };
    let mut preflight = from_page(Method::OPTIONS, "/mcp");
    preflight.headers_mut().insert(header::ACCESS_CONTROL_REQUEST_METHOD, HeaderValue::from_static("GET"));
    assert_eq!(ask(&app, preflight).await.status, StatusCode::OK);

    let refused = ask(&app, from_page(Method::GET, "/mcp")).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert_eq!(refused.headers[header::ACCESS_CONTROL_EXPOSE_HEADERS], "www-authenticate,retry-after");

    let metadata = ask(&app, from_page(Method::GET, PATH)).await;
    assert_eq!(metadata.status, StatusCode::OK);
    let origins: Vec<_> = metadata.headers.get_all(header::ACCESS_CONTROL_ALLOW_ORIGIN).iter().collect();
    assert_eq!(origins, [&origin]);
}
