//! The layouts of axum routers that the documentation lists, and what each needs so that the document answers.

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use axum::routing::post;
use claviger::AuthConfig;
use claviger::AuthLayer;
use claviger::ScopePolicy;
use claviger::routes::Routes;
use claviger_testing::TestIssuer;
use claviger_testing::assert_metadata_answers;
use http::Method;
use http::Request;
use http::StatusCode;
use tower::Layer;
use tower::ServiceBuilder;
use tower::ServiceExt;

use crate::metadata::PATH;
use crate::metadata::RESOURCE;
use crate::metadata::ask;
use crate::metadata::builder;
use crate::metadata::request;
use crate::support::bearer;

const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

fn auth() -> AuthLayer {
    of_resource(RESOURCE)
}

fn of_resource(resource: &str) -> AuthLayer {
    let issuer = TestIssuer::in_memory("https://issuer.example.com");
    AuthLayer::new(builder(&issuer).with_resource(resource).build().unwrap())
}

fn guarded() -> Router {
    Router::new().route("/mcp", post(async || "in"))
}

fn open() -> Router {
    Router::new().route("/health", get(async || "well"))
}

/// What a client without a token sends to the resource.
fn call(path: &str) -> Request<Body> {
    request(Method::POST, path)
}

async fn assert_answers_alone(app: Router, path: &str) {
    let document = assert_metadata_answers(app, call(path)).await;
    assert_eq!(document["resource"], RESOURCE);
}

/// Only with the router of the metadata.
async fn assert_needs_router(layout: impl Fn(AuthLayer) -> Router, path: &str) {
    let auth = auth();
    let without = ask(&layout(auth.clone()), request(Method::GET, PATH)).await;
    assert_ne!(without.status, StatusCode::OK, "the table is out of date");
    assert_answers_alone(layout(auth.clone()).merge(auth.metadata_router()), path).await;
    assert_answers_alone(auth.metadata_router().merge(layout(auth)), path).await;
}

#[tokio::test]
async fn a_layer_of_the_whole_router_needs_nothing() {
    assert_answers_alone(guarded().layer(auth()), "/mcp").await;
}

#[tokio::test]
async fn a_guarded_router_that_is_merged_in_needs_nothing() {
    assert_answers_alone(open().merge(guarded().layer(auth())), "/mcp").await;
}

#[tokio::test]
async fn a_layer_around_the_router_as_a_service_needs_nothing() {
    let service = ServiceBuilder::new().layer(auth()).service(guarded());
    assert_metadata_answers(service, call("/mcp")).await;
}

#[tokio::test]
async fn routes_need_nothing() {
    let routes = || Routes::new().guarded("/mcp", ScopePolicy::scope("read").unwrap(), post(async || "in"));
    assert_answers_alone(routes().into_router(auth()), "/mcp").await;
    let auth = auth();
    let merged = routes().into_router(auth.clone()).merge(auth.metadata_router());
    assert_answers_alone(merged, "/mcp").await;
}

#[tokio::test]
async fn a_route_layer_needs_the_router() {
    assert_needs_router(|auth| guarded().route_layer(auth), "/mcp").await;
}

#[tokio::test]
async fn a_layer_of_a_method_router_needs_the_router() {
    assert_needs_router(|auth| Router::new().route("/mcp", post(async || "in").layer(auth)), "/mcp").await;
}

#[tokio::test]
async fn a_fallback_that_is_added_afterwards_needs_the_router() {
    let page = async || (StatusCode::NOT_FOUND, "no such page");
    assert_needs_router(|auth| guarded().layer(auth).fallback(page), "/mcp").await;
}

#[tokio::test]
async fn an_open_router_that_is_merged_in_needs_the_router() {
    assert_needs_router(|auth| guarded().layer(auth).merge(open()), "/mcp").await;
}

#[tokio::test]
async fn a_nested_router_needs_the_router() {
    assert_needs_router(|auth| Router::new().nest("/api", guarded().layer(auth)), "/api/mcp").await;
    assert_needs_router(|auth| Router::new().nest_service("/api", guarded().layer(auth)), "/api/mcp").await;
}

#[tokio::test]
async fn of_two_resources_on_one_host_both_answer() {
    let (one, other) = (of_resource("https://api.example.com/one"), of_resource("https://api.example.com/other"));
    let router = |path, auth: &AuthLayer| Router::new().route(path, get(async || "in")).layer(auth.clone());
    let app = router("/one", &one)
        .merge(router("/other", &other))
        .merge(one.metadata_router())
        .merge(other.metadata_router());
    for path in ["/one", "/other"] {
        let document = assert_metadata_answers(app.clone(), request(Method::GET, path)).await;
        assert_eq!(document["resource"], format!("https://api.example.com{path}"));
    }
    let unknown = ask(&app, request(Method::GET, &format!("{WELL_KNOWN}/third"))).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_resource_inside_of_another_needs_nothing() {
    let (outer, inner) = (of_resource("https://api.example.com/outer"), of_resource("https://api.example.com/inner"));
    let app = Router::new().route("/outer", get(async || "in")).layer(inner).layer(outer);
    for path in ["/outer", "/inner"] {
        for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
            let answer = ask(&app, request(method, &format!("{WELL_KNOWN}{path}"))).await;
            assert!(answer.status.is_success(), "{path}: {answer:?}");
            assert_eq!(answer.headers["access-control-allow-origin"], "*");
            let is_document = !answer.body.is_empty();
            assert!(!is_document || answer.json()["resource"] == format!("https://api.example.com{path}"));
        }
    }
}

/// Nothing else gets past the outer layer, though it lets such a request through.
#[tokio::test]
async fn a_service_behind_that_is_no_layer_answers_nobody_there() {
    let elsewhere = of_resource("https://api.example.com/elsewhere");
    let secret = || Router::new().fallback(async || "a secret");
    let app = secret().layer(of_resource("https://api.example.com/own"));
    for path in ["/elsewhere", "/unknown"] {
        let answer = ask(&app, request(Method::GET, &format!("{WELL_KNOWN}{path}"))).await;
        assert_eq!((answer.status, answer.body.as_str()), (StatusCode::NOT_FOUND, ""), "{path}");
    }
    drop(elsewhere);
    // One host's documents are no other host's.
    let _foreign = of_resource("https://other.example.com/foreign");
    let reached = secret().layer(of_resource("https://api.example.com/own"));
    assert_eq!(
        ask(&reached, request(Method::GET, &format!("{WELL_KNOWN}/foreign"))).await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn the_router_answers_at_the_path_that_challenges_name_alone() {
    let auth = auth();
    let app: Router = Router::new().nest("/v1", auth.metadata_router());
    let nested = ask(&app, request(Method::GET, &format!("/v1{PATH}"))).await;
    assert_eq!((nested.status, nested.body.as_str()), (StatusCode::NOT_FOUND, ""));
    let app: Router = auth.metadata_router();
    for (method, status) in [(Method::HEAD, 200), (Method::OPTIONS, 204), (Method::POST, 405), (Method::DELETE, 405)] {
        assert_eq!(ask(&app, request(method.clone(), PATH)).await.status, status, "{method}");
    }
    assert_eq!(ask(&app, bearer(PATH, "junk")).await.status, StatusCode::OK);

    let odd = of_resource("https://api.example.com/:a/*b");
    let app: Router = odd.metadata_router();
    assert_eq!(ask(&app, request(Method::GET, &format!("{WELL_KNOWN}/:a/*b"))).await.status, StatusCode::OK);
    assert_eq!(ask(&app, request(Method::GET, &format!("{WELL_KNOWN}/x/y"))).await.status, StatusCode::NOT_FOUND);

    let without = AuthLayer::new(AuthConfig::new("https://issuer.example.com", "https://api.example.com").unwrap());
    assert_eq!(ask(&without.metadata_router(), request(Method::GET, WELL_KNOWN)).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
#[should_panic(expected = "which does not answer: merge `AuthLayer::metadata_router()`")]
async fn a_document_that_does_not_answer_fails_the_assertion() {
    assert_metadata_answers(guarded().route_layer(auth()), call("/mcp")).await;
}

#[tokio::test]
#[should_panic(expected = "no challenge names metadata")]
async fn a_path_that_is_not_guarded_fails_the_assertion() {
    let app = guarded().layer(auth()).merge(open());
    assert_metadata_answers(app, request(Method::GET, "/health")).await;
}

#[tokio::test]
async fn any_tower_service_can_be_asked() {
    let inner = tower::service_fn(async |_: Request<Body>| {
        Ok::<_, std::convert::Infallible>(http::Response::new(Body::empty()))
    });
    let service = auth().layer(inner);
    assert_metadata_answers(service.clone(), call("/mcp")).await;
    assert_eq!(service.oneshot(call("/mcp")).await.unwrap().status(), StatusCode::UNAUTHORIZED);
}
