//! The layers around services with any body.

use std::convert::Infallible;
use std::fmt::Debug;

use axum::Router;
use axum::body::Body as AxumBody;
use axum::response::IntoResponse;
use axum::routing::MethodRouter;
use axum::routing::get;
use bytes::Bytes;
use claviger::AuthBody;
use claviger::AuthConfig;
use claviger::AuthLayer;
use claviger::Issuer;
use claviger::RequireScopeLayer;
use claviger::ScopePolicy;
use claviger_testing::TestIssuer;
use http::HeaderMap;
use http::Request;
use http::Response;
use http::StatusCode;
use http_body::Body;
use http_body::Frame;
use http_body_util::BodyExt;
use http_body_util::Full;
use http_body_util::StreamBody;
use tonic::server::NamedService;
use tower::Layer;
use tower::Service;
use tower::ServiceBuilder;
use tower::ServiceExt;
use tower::service_fn;
use tower_http::compression::CompressionLayer;
use tower_http::cors::CorsLayer;

use crate::support::AUDIENCE;
use crate::support::Answer;

struct World {
    issuer: TestIssuer,
    auth: AuthLayer,
    guard: RequireScopeLayer,
}

impl World {
    fn new() -> Self {
        let issuer = TestIssuer::in_memory("https://issuer.example.com");
        let trusted = Issuer::new(issuer.url(), AUDIENCE).with_jwks(issuer.jwks());
        let cfg = AuthConfig::builder(trusted).with_resource("https://api.example.com/").build().unwrap();
        let guard = RequireScopeLayer::new(ScopePolicy::all_of(["read"]).unwrap());
        Self { issuer, auth: AuthLayer::new(cfg), guard }
    }

    /// A good token gets the service's own body, and layer, guard and metadata answer with theirs.
    async fn assert_guards<S, B>(&self, service: S)
    where
        S: Service<Request<AxumBody>, Response = Response<B>, Error = Infallible> + Clone,
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Debug + Into<axum::BoxError>,
    {
        let good = format!("Bearer {}", self.issuer.token().scope("read").sign());
        let narrow = format!("Bearer {}", self.issuer.token().sign());
        let metadata = "/.well-known/oauth-protected-resource";
        for (path, authorization, status) in [
            ("/", good.as_str(), StatusCode::OK),
            ("/", narrow.as_str(), StatusCode::FORBIDDEN),
            ("/", "Bearer junk", StatusCode::UNAUTHORIZED),
            (metadata, "", StatusCode::OK),
        ] {
            let request = Request::get(path).header("authorization", authorization).body(AxumBody::empty()).unwrap();
            let answer = service.clone().oneshot(request).await.unwrap();
            let answer = Answer::of(answer.map(AxumBody::new), false).await;
            assert_eq!(answer.status, status, "{answer:?}");
            match status {
                StatusCode::OK if path == "/" => assert_eq!(answer.body, "in"),
                StatusCode::OK => assert_eq!(answer.json()["resource"], "https://api.example.com/"),
                _ => assert_eq!(answer.json()["status"], status.as_u16()),
            }
        }
    }
}

/// A service that answers with what `make` makes of its text.
fn answering<B: Send + 'static>(
    make: impl Fn(Full<Bytes>) -> B + Clone + Send + Sync + 'static,
) -> impl Service<Request<AxumBody>, Response = Response<B>, Error = Infallible, Future: Send> + Clone + Send + Sync {
    service_fn(move |_| std::future::ready(Ok(Response::new(make(Full::from("in"))))))
}

#[tokio::test]
async fn the_layers_stand_around_services_with_any_body() {
    let world = World::new();
    let around = ServiceBuilder::new().layer(world.auth.clone()).layer(world.guard.clone());
    world.assert_guards(around.service(answering(|text| text))).await;
    world.assert_guards(around.service(answering(BodyExt::boxed))).await;
    world.assert_guards(around.service(answering(BodyExt::boxed_unsync))).await;
    world.assert_guards(around.service(answering(tonic::body::Body::new))).await;
    world.assert_guards(around.service(answering(AxumBody::new))).await;
}

#[tokio::test]
async fn other_layers_stand_on_both_sides() {
    let world = World::new();
    let outside = ServiceBuilder::new()
        .layer(CorsLayer::permissive())
        .layer(CompressionLayer::new())
        .layer(world.auth.clone())
        .layer(world.guard.clone());
    world.assert_guards(outside.service(answering(|text| text))).await;
    let inside = ServiceBuilder::new()
        .layer(world.auth.clone())
        .layer(CompressionLayer::new())
        .layer(world.guard.clone())
        .layer(CompressionLayer::new());
    world.assert_guards(inside.service(answering(BodyExt::boxed_unsync))).await;
}

#[tokio::test]
async fn a_refusal_is_compressed_by_a_layer_outside() {
    let world = World::new();
    let service =
        ServiceBuilder::new().layer(CompressionLayer::new()).layer(world.auth).service(answering(|text| text));
    let request = Request::get("/").header("accept-encoding", "gzip").body(AxumBody::empty()).unwrap();
    let answer = service.oneshot(request).await.unwrap();
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(answer.headers()["content-encoding"], "gzip");
    assert!(answer.into_body().collect().await.unwrap().to_bytes().starts_with(&[0x1f, 0x8b]));
}

#[tokio::test]
async fn axum_takes_the_layers_wherever_it_takes_any() {
    let world = World::new();
    let handler = || async { "in" };
    let by_router = Router::new().route("/", get(handler)).layer(world.guard.clone()).layer(world.auth.clone());
    let by_route = Router::new().route("/", get(handler)).route_layer(world.guard.clone()).layer(world.auth.clone());
    let guarded: MethodRouter = get(handler).layer(world.guard.clone());
    let by_method = Router::new().route("/", guarded.layer(world.auth.clone())).fallback(|| async {});
    let by_method_route = get(handler).route_layer(world.guard.clone()).layer(world.auth.clone());
    let service = ServiceBuilder::new().layer(world.auth.clone()).service(answering(|text| text));
    for app in [by_router, by_route] {
        world.assert_guards(app).await;
    }
    let as_service = Router::new().route_service("/", service).fallback(|| async {});
    let by_method_route = Router::new().route("/", by_method_route);
    for app in [by_method, by_method_route, as_service] {
        let refused = app.oneshot(Request::get("/").body(AxumBody::empty()).unwrap()).await.unwrap();
        Answer::of(refused, false).await.assert_problem(StatusCode::UNAUTHORIZED, None);
    }
}

#[tokio::test]
async fn what_the_service_sends_is_passed_on_frame_by_frame() {
    let world = World::new();
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", "0".parse().unwrap());
    let streaming = answering(move |_| {
        let frames = [Frame::data(Bytes::from("a")), Frame::data(Bytes::from("b")), Frame::trailers(trailers.clone())];
        StreamBody::new(futures_util::stream::iter(frames.map(Ok::<_, Infallible>)))
    });
    let token = format!("Bearer {}", world.issuer.token().sign());
    let request = Request::get("/").header("authorization", token).body(AxumBody::empty()).unwrap();
    let mut body = world.auth.layer(streaming).oneshot(request).await.unwrap().into_body();
    for expected in ["a", "b"] {
        assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), expected);
    }
    assert_eq!(body.frame().await.unwrap().unwrap().into_trailers().unwrap()["grpc-status"], "0");
    assert!(body.frame().await.is_none());
}

#[tokio::test]
async fn a_body_states_its_length_and_its_end() {
    let world = World::new();
    let request = Request::get("/").body(AxumBody::empty()).unwrap();
    let service = world.auth.layer(answering(|text| text));
    let mut refused: AuthBody<Full<Bytes>> = service.oneshot(request).await.unwrap().into_body();
    let length = refused.size_hint().exact().unwrap();
    assert!(length > 0 && !refused.is_end_stream());
    let data = refused.frame().await.unwrap().unwrap().into_data().unwrap();
    assert_eq!(data.len() as u64, length);
    assert!(refused.is_end_stream() && refused.frame().await.is_none());
    assert_eq!(refused.size_hint().exact(), Some(0));
    let empty = Response::new(AuthBody::<Full<Bytes>>::default()).into_response();
    assert_eq!(empty.into_body().size_hint().exact(), Some(0));
}

/// A gRPC service of tonic by its name.
#[derive(Clone)]
struct Health;

impl NamedService for Health {
    const NAME: &'static str = "grpc.health.v1.Health";
}

#[test]
fn a_layered_grpc_service_keeps_its_name() {
    fn name<S: NamedService>(_: &S) -> &'static str {
        S::NAME
    }
    let world = World::new();
    assert_eq!(name(&world.auth.layer(world.guard.layer(Health))), "grpc.health.v1.Health");
}
