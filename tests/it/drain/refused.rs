//! Which bodies are drained, and when the connection is closed instead.

use std::convert::Infallible;
use std::sync::LazyLock;

use axum::Router;
use axum::body::Body as AxumBody;
use axum::routing::post;
use bytes::Bytes;
use claviger::AuthConfig;
use claviger::AuthConfigBuilder;
use claviger::AuthLayer;
use claviger::Claims;
use claviger::DrainSettings;
use claviger::Issuer;
use claviger::RequireScopeLayer;
use claviger::ScopePolicy;
use claviger::authenticate::Authentication;
use claviger::authorize::Demand;
use claviger::extract::Scoped;
use claviger_testing::TestIssuer;
use http::Method;
use http::Request;
use http::Response;
use http::Version;
use http::header::AUTHORIZATION;
use http::header::CONNECTION;
use http::header::CONTENT_LENGTH;
use http::header::EXPECT;
use http_body_util::Full;
use serde::Deserialize;
use tokio::runtime::Handle;
use tower::Layer;
use tower::ServiceExt;
use tower::service_fn;

use super::Fate;
use super::Upload;
use crate::support::AUDIENCE;

const METADATA: &str = "/.well-known/oauth-protected-resource/mcp";

#[derive(Deserialize)]
#[expect(dead_code, reason = "no token has it")]
struct Member {
    org_id: String,
}

struct Write;

impl Demand for Write {
    fn policy() -> &'static ScopePolicy {
        static POLICY: LazyLock<ScopePolicy> = LazyLock::new(|| ScopePolicy::scope("write").unwrap());
        &POLICY
    }
}

struct Api {
    app: Router,
    metadata: Router,
    /// Serves its keys as long as it lives.
    _issuer: TestIssuer,
    token: String,
}

impl Api {
    fn new() -> Self {
        Self::of(TestIssuer::in_memory("https://issuer.example.com"))
    }

    /// One path for each place that refuses.
    fn of(issuer: TestIssuer) -> Self {
        let trusted = Issuer::new(issuer.url(), AUDIENCE);
        let trusted = if issuer.url().starts_with("https") { trusted.with_jwks(issuer.jwks()) } else { trusted };
        let settings = AuthConfig::builder(trusted).with_resource("https://api.example.com/mcp");
        let cfg = settings.with_drain(DrainSettings::default().with_max_bytes(10_000)).build().unwrap();
        let guard = RequireScopeLayer::new(Write::policy().clone());
        let require = |auth: Authentication| async move { auth.require(Write::policy()) };
        let app = Router::new()
            .route("/layer", post(async || "in"))
            .route("/guard", post(async || "in").route_layer(guard))
            .route("/claims", post(async |_: Claims<Member>| "in"))
            .route("/claims-first", post(async |_: Claims<Member>, _: String| "in"))
            .route("/scoped", post(async |_: Scoped<Write>| "in"))
            .route("/scoped-body", post(async |_: Scoped<Write, String>| "in"))
            .route("/require", post(require))
            .route("/require-body", post(move |auth: Authentication, _: AxumBody| require(auth)))
            .route("/require-read", post(move |auth: Authentication, _: String| require(auth)))
            .layer(AuthLayer::new(cfg.clone()))
            .layer(AuthLayer::new(cfg.clone()));
        let metadata = AuthLayer::new(cfg).metadata_router();
        Self { app, metadata, token: issuer.token().sign(), _issuer: issuer }
    }

    /// The status, whether the connection is closed, and what became of the body.
    async fn send(&self, path: &str, change: impl FnOnce(&mut Request<AxumBody>)) -> (u16, bool, Fate) {
        let (upload, fate) = Upload::at_once();
        let authorization = if path == "/layer" { "Bearer junk".to_owned() } else { format!("Bearer {}", self.token) };
        let mut request = Request::post(path).body(AxumBody::new(upload)).unwrap();
        request.headers_mut().insert(AUTHORIZATION, authorization.parse().unwrap());
        change(&mut request);
        let response = self.app.clone().oneshot(request).await.unwrap();
        let closes = response.headers().get_all(CONNECTION).iter().any(|value| value == "close");
        (response.status().as_u16(), closes, fate)
    }
}

/// Every place that refuses, the service dropping the body before, meanwhile or after.
const PLACES: [(&str, u16); 9] = [
    ("/layer", 401),
    ("/guard", 403),
    (METADATA, 405),
    ("/claims", 401),
    ("/claims-first", 401),
    ("/scoped", 403),
    ("/scoped-body", 403),
    ("/require", 403),
    ("/require-body", 403),
];

#[tokio::test]
async fn the_body_of_a_refused_request_is_drained_wherever_it_is_refused() {
    let api = Api::new();
    for (path, expected) in PLACES {
        let (status, closes, fate) = api.send(path, |_| {}).await;
        assert_eq!((status, closes, fate.read()), (expected, false, 0), "{path}: the answer comes first");
        fate.assert_drained(path).await;
    }
}

#[tokio::test]
async fn the_answers_around_the_metadata_are_drained_too() {
    let api = Api::new();
    let unknown = format!("{METADATA}/unknown");
    let (status, closes, fate) = api
        .send(&unknown, |request| {
            *request.method_mut() = Method::GET;
            request.headers_mut().remove(AUTHORIZATION);
        })
        .await;
    assert_eq!((status, closes), (404, false));
    fate.assert_drained("an unknown document").await;
    let (status, closes, fate) = Api { app: api.metadata.clone(), ..api }.send(METADATA, |_| {}).await;
    assert_eq!((status, closes), (405, false));
    fate.assert_drained("metadata_router").await;
}

#[tokio::test]
async fn a_refusal_that_was_waited_for_is_drained_too() {
    let api = Api::of(TestIssuer::start().await);
    for (path, expected) in PLACES {
        let (status, closes, fate) = api.send(path, |_| {}).await;
        assert_eq!((status, closes), (expected, false), "{path}");
        fate.assert_drained(path).await;
    }
}

#[tokio::test]
async fn a_body_over_the_limit_is_not_read_and_the_connection_is_closed() {
    let api = Api::new();
    for (path, expected) in PLACES {
        for (length, is_over) in [("10000", false), ("10001", true)] {
            let (status, closes, fate) = api
                .send(path, |request| drop(request.headers_mut().insert(CONTENT_LENGTH, length.parse().unwrap())))
                .await;
            assert_eq!((status, closes), (expected, is_over), "{path} {length}");
            if is_over { fate.assert_untouched(path).await } else { fate.assert_drained(path).await }
        }
    }
}

#[tokio::test]
async fn a_client_that_waits_for_100_is_answered_and_the_connection_is_closed() {
    let api = Api::new();
    let waits =
        |request: &mut Request<AxumBody>| drop(request.headers_mut().insert(EXPECT, "100-Continue".parse().unwrap()));
    for (path, expected) in PLACES {
        let (status, closes, fate) = api.send(path, waits).await;
        assert_eq!((status, closes), (expected, true), "{path}");
        fate.assert_untouched(path).await;
    }
    let (status, closes, fate) = api.send("/require-read", waits).await;
    assert_eq!((status, closes), (403, false), "it has been read, so 100 has been sent");
    fate.assert_drained("/require-read").await;
}

#[tokio::test]
async fn over_http_2_nothing_is_drained_and_no_connection_closed() {
    let api = Api::new();
    for version in [Version::HTTP_2, Version::HTTP_3] {
        for (path, expected) in PLACES {
            let (status, closes, fate) = api
                .send(path, |request| {
                    *request.version_mut() = version;
                    request.headers_mut().insert(CONTENT_LENGTH, "10001".parse().unwrap());
                    request.headers_mut().insert(EXPECT, "100-continue".parse().unwrap());
                })
                .await;
            assert_eq!((status, closes), (expected, false), "{path} {version:?}");
            fate.assert_untouched(path).await;
        }
    }
}

#[tokio::test]
async fn over_http_1_0_it_is_drained_as_over_1_1() {
    let (_, closes, fate) = Api::new().send("/layer", |request| *request.version_mut() = Version::HTTP_10).await;
    assert!(!closes);
    fate.assert_drained("HTTP/1.0").await;
}

/// What the service does with the body of an accepted request is its own business.
#[tokio::test]
async fn the_body_of_an_accepted_request_is_left_to_the_service() {
    let issuer = TestIssuer::in_memory("https://issuer.example.com");
    let (layer, token) = layer(&issuer, |settings| settings);
    let app = Router::new()
        .route("/drops", post(async || "in"))
        .route("/reads", post(async |body: Bytes| body.len().to_string()))
        .layer(layer);
    for (path, read) in [("/drops", 0), ("/reads", 4)] {
        let (upload, fate) = Upload::at_once();
        let request = Request::post(path).header(AUTHORIZATION, &token).header(EXPECT, "100-continue");
        let response = app.clone().oneshot(request.body(AxumBody::new(upload)).unwrap()).await.unwrap();
        assert_eq!(response.status(), 200);
        assert!(!response.headers().contains_key(CONNECTION));
        assert_eq!(fate.end().await.0, read, "{path}");
    }
}

/// A refused request without a body costs neither a task nor memory.
#[tokio::test]
async fn where_there_is_no_body_there_is_no_task() {
    let api = Api::new();
    for (path, expected) in PLACES {
        let (status, closes, fate) = api.send(path, |request| *request.body_mut() = AxumBody::empty()).await;
        assert_eq!((status, closes), (expected, false), "{path}");
        assert_eq!(Handle::current().metrics().num_alive_tasks(), 0, "{path}");
        drop(fate);
    }
}

fn layer(issuer: &TestIssuer, settings: impl FnOnce(AuthConfigBuilder) -> AuthConfigBuilder) -> (AuthLayer, String) {
    let trusted = Issuer::new(issuer.url(), AUDIENCE).with_jwks(issuer.jwks());
    let cfg = settings(AuthConfig::builder(trusted)).build().unwrap();
    (AuthLayer::new(cfg), format!("Bearer {}", issuer.token().sign()))
}

#[tokio::test]
async fn a_body_of_another_type_is_drained_where_its_type_is_named() {
    let issuer = TestIssuer::in_memory("https://issuer.example.com");
    let inner = service_fn(async |_: Request<Upload>| Ok::<_, Infallible>(Response::new(Full::new(Bytes::new()))));
    let guard = RequireScopeLayer::new(Write::policy().clone());
    for (settings, is_named) in
        [(DrainSettings::default(), false), (DrainSettings::default().add_body::<Upload>(), true)]
    {
        let (layer, token) = layer(&issuer, |builder| builder.with_drain(settings));
        let service = layer.layer(guard.layer(inner));
        for authorization in ["Bearer junk", &token] {
            let (upload, fate) = Upload::at_once();
            let request = Request::post("/").header(AUTHORIZATION, authorization).body(upload).unwrap();
            let response = service.clone().oneshot(request).await.unwrap();
            assert!(response.status().is_client_error() && !response.headers().contains_key(CONNECTION));
            if is_named { fate.assert_drained("named").await } else { fate.assert_untouched("not named").await }
        }
        let (upload, fate) = Upload::at_once();
        let request = Request::post("/").header(EXPECT, "100-continue").body(upload).unwrap();
        let response = service.clone().oneshot(request).await.unwrap();
        assert_eq!(response.headers()[CONNECTION], "close", "whatever the type is");
        fate.assert_untouched("Expect").await;
    }
}

/// Outside of a runtime nothing can read on, and nobody panics.
#[test]
fn outside_of_a_runtime_the_body_is_dropped() {
    let issuer = TestIssuer::in_memory("https://issuer.example.com");
    let (layer, _) = layer(&issuer, |settings| settings);
    let inner = service_fn(async |_: Request<AxumBody>| Ok::<_, Infallible>(Response::new(AxumBody::empty())));
    let (upload, mut fate) = Upload::at_once();
    let request = Request::post("/").body(AxumBody::new(upload)).unwrap();
    let future = Box::pin(layer.layer(inner).oneshot(request));
    let answer = futures_util::FutureExt::now_or_never(future).unwrap().unwrap();
    assert_eq!(answer.status(), 401);
    assert!(fate.is_dropped() && fate.read() == 0);
}
