//! The layer as a tower service: readiness, errors, and any body that can be made of bytes.

use std::convert::Infallible;
use std::task::Poll;

use bytes::Bytes;
use claviger::AuthConfig;
use claviger::AuthLayer;
use claviger::Claims;
use claviger::Issuer;
use claviger::RequireScopeLayer;
use claviger::ScopePolicy;
use claviger_testing::TestIssuer;
use http::Request;
use http::Response;
use http::StatusCode;
use http_body_util::Full;
use serde::Deserialize;
use tower::Layer;
use tower::Service;
use tower::ServiceBuilder;
use tower::ServiceExt;
use tower::limit::ConcurrencyLimit;
use tower::service_fn;

use crate::support::AUDIENCE;

type Answer = Response<Full<Bytes>>;

async fn inner(_: Request<()>) -> Result<Answer, Infallible> {
    Ok(Response::new(Full::from("in")))
}

fn request(token: &str) -> Request<()> {
    Request::get("/").header("authorization", format!("Bearer {token}")).body(()).unwrap()
}

fn at_hand() -> (TestIssuer, AuthLayer) {
    let issuer = TestIssuer::in_memory("https://issuer.example.com");
    let trusted = Issuer::new(issuer.url(), AUDIENCE).with_jwks(issuer.jwks());
    let layer = AuthLayer::new(AuthConfig::builder(trusted).build().unwrap());
    (issuer, layer)
}

async fn to_fetch() -> (TestIssuer, AuthLayer) {
    let issuer = TestIssuer::start().await;
    let layer = AuthLayer::new(AuthConfig::new(issuer.url(), AUDIENCE).unwrap());
    (issuer, layer)
}

/// The service that `poll_ready` drove must be the one that is called: a limit panics if another is.
#[tokio::test]
async fn the_ready_service_is_the_one_that_is_called() {
    for (issuer, layer) in [at_hand(), to_fetch().await] {
        let mut service = layer.layer(ConcurrencyLimit::new(service_fn(inner), 1));
        for _ in 0..3 {
            let response = service.ready().await.unwrap().call(request(&issuer.token().sign())).await.unwrap();
            assert_eq!(response.status(), StatusCode::OK);
            let response = service.ready().await.unwrap().call(request("junk")).await.unwrap();
            assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        }
    }
}

#[tokio::test]
async fn with_keys_at_hand_the_answer_is_there_at_the_first_poll() {
    let (issuer, layer) = at_hand();
    let mut service = layer.layer(service_fn(inner));
    for token in [issuer.token().sign(), "junk".to_owned()] {
        let mut future = Box::pin(service.ready().await.unwrap().call(request(&token)));
        assert!(matches!(futures_poll(&mut future), Poll::Ready(Ok(_))));
    }
}

fn futures_poll<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    std::pin::Pin::new(future).poll(&mut context)
}

#[tokio::test]
async fn errors_of_the_inner_service_pass_and_refusals_are_responses() {
    #[derive(Debug, PartialEq)]
    struct Broken;
    let broken = async |_: Request<()>| Err::<Answer, _>(Broken);
    let (issuer, layer) = at_hand();
    let service = layer.layer(service_fn(broken));
    assert_eq!(service.clone().oneshot(request(&issuer.token().sign())).await.unwrap_err(), Broken);
    assert_eq!(service.oneshot(request("junk")).await.unwrap().status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn an_answer_of_the_inner_service_is_its_own_but_for_shared_caches() {
    let own = async |_: Request<()>| {
        let answer = Response::builder().status(401).header("www-authenticate", "Basic realm=\"inner\"");
        Ok::<Answer, Infallible>(answer.body(Full::from("mine")).unwrap())
    };
    let (issuer, layer) = at_hand();
    let answer = layer.layer(service_fn(own)).oneshot(request(&issuer.token().sign())).await.unwrap();
    assert_eq!(answer.headers()["www-authenticate"], "Basic realm=\"inner\"");
    assert_eq!(answer.headers()["cache-control"], "private");
}

#[tokio::test]
async fn a_refused_request_is_never_given_to_the_inner_service() {
    let unreachable = async |_: Request<()>| -> Result<Answer, Infallible> { panic!("a refused request came through") };
    let (_, layer) = at_hand();
    let service = layer.layer(service_fn(unreachable));
    for token in ["", "junk", "a.b.c", "a.b.c.d.e"] {
        assert!(service.clone().oneshot(request(token)).await.unwrap().status().is_client_error());
    }
}

#[tokio::test]
async fn claims_stand_in_the_extensions_where_the_layer_was_told_their_type() {
    #[derive(Deserialize)]
    struct User {
        sub: String,
    }
    let whose = async |request: Request<()>| {
        let Claims(user) = request.extensions().get::<Claims<User>>().unwrap();
        Ok::<Answer, Infallible>(Response::new(Full::from(user.sub.clone())))
    };
    for (issuer, layer) in [at_hand(), to_fetch().await] {
        let guard = RequireScopeLayer::new(ScopePolicy::all_of(["read"]).unwrap());
        let service = ServiceBuilder::new().layer(layer.with_claims::<User>()).layer(guard).service(service_fn(whose));
        let response = service.clone().oneshot(request(&issuer.token().scope("read").sign())).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        let response = service.oneshot(request(&issuer.token().sign())).await.unwrap();
        assert_eq!(response.status(), StatusCode::FORBIDDEN);
    }
}
