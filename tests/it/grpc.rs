//! Section 4 of the contract: answers to gRPC requests. What has a `grpc-status` is read by tonic.

use std::sync::LazyLock;

use axum::Extension;
use axum::Router;
use axum::body::Body;
use axum::routing::post;
use bytes::Bytes;
use claviger::AuthConfig;
use claviger::AuthConfigBuilder;
use claviger::AuthLayer;
use claviger::Claims;
use claviger::Issuer;
use claviger::RequireScopeLayer;
use claviger::ScopePolicy;
use claviger::authenticate::Authentication;
use claviger::authorize::Demand;
use claviger::error::Reason;
use claviger::extract::Scoped;
use claviger::respond::GrpcAnswers;
use claviger::respond::Refused;
use claviger_testing::Fault;
use claviger_testing::TestClock;
use claviger_testing::TestIssuer;
use http::HeaderValue;
use http::Method;
use http::Request;
use http::Response;
use http::StatusCode;
use http::Version;
use http::header::AUTHORIZATION;
use http::header::CONTENT_TYPE;
use serde::Deserialize;
use tonic::Code;
use tonic::Status;
use tower::ServiceExt;

use crate::support::AUDIENCE;
use crate::support::Answer;
use crate::support::Api;
use crate::support::NOW;
use crate::support::bearer;

/// The same as a gRPC call.
fn call(request: Request<Body>) -> Request<Body> {
    let mut call = with_type(request, "application/grpc");
    *call.method_mut() = Method::POST;
    *call.version_mut() = Version::HTTP_2;
    call
}

fn with_type(mut request: Request<Body>, content_type: &str) -> Request<Body> {
    request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_str(content_type).unwrap());
    request
}

fn by_status(settings: AuthConfigBuilder) -> AuthConfigBuilder {
    settings.with_grpc(GrpcAnswers::Status)
}

/// Keys that are fetched, and calls that are answered by `grpc-status`.
async fn serving_by_status() -> Api {
    let clock = TestClock::at_second(NOW);
    let issuer = TestIssuer::builder().with_clock(clock.clone()).start().await;
    let trusted = Issuer::new(issuer.url(), AUDIENCE);
    Api::guarded(issuer, clock, trusted, by_status)
}

/// What clients make the status of the call from: the HTTP status, and no body that they would call an internal error.
fn assert_bodiless(answer: &Answer, status: u16) {
    assert_eq!(answer.status, status, "{answer:?}");
    assert_eq!(answer.body, "");
    assert_eq!(answer.headers["cache-control"], "no-store");
    for name in ["content-type", "grpc-status", "grpc-message"] {
        assert!(!answer.headers.contains_key(name), "{answer:?}");
    }
}

/// The status of an answer that has no message: 200, and everything in the fields (`Trailers-Only`).
fn status(answer: &Answer) -> Status {
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    assert_eq!(answer.headers["content-type"], "application/grpc");
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert_eq!(answer.body, "");
    Status::from_header_map(&answer.headers).unwrap()
}

#[tokio::test]
async fn by_default_each_refusal_has_its_http_status_and_its_challenge_and_no_body() {
    let api = Api::new();
    let plain = || Request::get("/").body(Body::empty()).unwrap();
    let malformed = || Request::get("/").header(AUTHORIZATION, "Bearer").body(Body::empty()).unwrap();
    let junk = || bearer("/", "junk");
    let narrow = || bearer("/reports", &api.token().sign());
    for version in [Version::HTTP_11, Version::HTTP_2] {
        for (request, status, error) in [
            (plain(), 401, None),
            (malformed(), 400, Some("invalid_request")),
            (junk(), 401, Some("invalid_token")),
            (narrow(), 403, Some("insufficient_scope")),
        ] {
            for method in [Method::GET, Method::POST] {
                let mut call = call(Request::get(request.uri()).body(Body::empty()).unwrap());
                call.headers_mut().extend(request.headers().clone());
                *call.method_mut() = method;
                *call.version_mut() = version;
                let answer = api.send(call).await;
                assert_bodiless(&answer, status);
                assert_eq!(answer.parameter("error").as_deref(), error);
                assert_eq!(answer.parameter("realm").as_deref(), Some("api"));
            }
        }
    }
    api.send(call(bearer("/reports", &api.token().scope("read:reports").sign()))).await.assert_passed();
}

#[tokio::test]
async fn by_default_keys_that_cannot_be_had_are_503_with_retry_after() {
    let api = Api::serving().await;
    api.issuer.fail_jwks(Fault::Status(StatusCode::NOT_FOUND));
    let answer = api.send(call(bearer("/", &api.token().sign()))).await;
    assert_bodiless(&answer, 503);
    assert!(answer.headers.contains_key("retry-after") && !answer.headers.contains_key("www-authenticate"));
}

/// For anybody who does not speak gRPC a status of 200 would be a pass.
#[tokio::test]
async fn a_grpc_status_is_for_post_over_http_2_alone() {
    let api = Api::with_settings(by_status);
    for (method, version, is_call) in [
        (Method::GET, Version::HTTP_2, false),
        (Method::HEAD, Version::HTTP_2, false),
        (Method::PUT, Version::HTTP_2, false),
        (Method::POST, Version::HTTP_10, false),
        (Method::POST, Version::HTTP_11, false),
        (Method::POST, Version::HTTP_2, true),
        (Method::POST, Version::HTTP_3, true),
    ] {
        let mut request = call(bearer("/", "junk"));
        *request.method_mut() = method.clone();
        *request.version_mut() = version;
        let answer = api.send(request).await;
        if is_call {
            assert_eq!(status(&answer).code(), Code::Unauthenticated, "{version:?}");
        } else {
            assert_bodiless(&answer, 401);
        }
    }
}

#[tokio::test]
async fn with_grpc_status_each_refusal_has_its_code_and_its_challenge_is_metadata() {
    let api = Api::with_settings(by_status);
    let plain = || Request::get("/").body(Body::empty()).unwrap();
    let malformed = || Request::get("/").header(AUTHORIZATION, "Bearer").body(Body::empty()).unwrap();
    let expired = bearer("/", &api.token().claim("exp", 1).sign());
    let narrow = bearer("/reports", &api.token().sign());
    for (request, code, message, error, reason) in [
        (plain(), Code::Unauthenticated, "The request needs an access token", None, Reason::MissingCredentials),
        (
            malformed(),
            Code::InvalidArgument,
            "The credentials of the request are malformed",
            Some("invalid_request"),
            Reason::MalformedRequest,
        ),
        (
            bearer("/", "junk"),
            Code::Unauthenticated,
            "The access token is not valid here",
            Some("invalid_token"),
            Reason::MalformedToken,
        ),
        (expired, Code::Unauthenticated, "The access token has expired", Some("invalid_token"), Reason::Expired),
        (
            narrow,
            Code::PermissionDenied,
            "The access token lacks a scope that this request needs",
            Some("insufficient_scope"),
            Reason::InsufficientScope,
        ),
    ] {
        let answer = api.send(call(request)).await;
        let status = status(&answer);
        assert_eq!((status.code(), status.message()), (code, message));
        assert_eq!((answer.reason, answer.reached), (Some(reason), false));
        assert_eq!(answer.parameter("error").as_deref(), error);
        assert_eq!(answer.parameter("realm").as_deref(), Some("api"));
        assert!(status.metadata().contains_key("www-authenticate"));
    }
    api.send(call(bearer("/reports", &api.token().scope("read:reports").sign()))).await.assert_passed();
}

#[tokio::test]
async fn keys_that_cannot_be_had_are_unavailable_and_say_when_to_come_again() {
    let api = serving_by_status().await;
    api.issuer.fail_jwks(Fault::Status(StatusCode::NOT_FOUND));
    let answer = api.send(call(bearer("/", &api.token().sign()))).await;
    let status = status(&answer);
    assert_eq!((status.code(), answer.reason), (Code::Unavailable, Some(Reason::KeysUnavailable)));
    assert!(!status.metadata().contains_key("www-authenticate"));
    let retry_after: u64 = status.metadata().get("retry-after").unwrap().to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&retry_after));
}

#[tokio::test]
async fn a_refusal_that_was_waited_for_is_grpc_too() {
    let api = serving_by_status().await;
    let answer = api.send(call(bearer("/", &api.token().audience("x").sign()))).await;
    assert_eq!((status(&answer).code(), answer.reason), (Code::Unauthenticated, Some(Reason::WrongAudience)));
}

#[tokio::test]
async fn the_content_type_decides_in_any_case_and_grpc_web_is_http() {
    let (api, by_default) = (Api::with_settings(by_status), Api::new());
    for (content_type, is_grpc) in [
        ("application/grpc", true),
        ("APPLICATION/gRPC", true),
        ("application/grpc+proto", true),
        ("application/GRPC+json; charset=utf-8", true),
        ("application/grpc;q=1", true),
        ("application/grpc ; q=1", true),
        ("application/grpc-web", false),
        ("application/grpc-web+proto", false),
        ("application/grpc-web-text", false),
        ("application/grpcx", false),
        ("application/grp", false),
        ("text/plain; x=application/grpc", false),
        ("application/json", false),
        ("", false),
    ] {
        let answer = api.send(with_type(call(bearer("/", "junk")), content_type)).await;
        let default = by_default.send(with_type(call(bearer("/", "junk")), content_type)).await;
        if is_grpc {
            assert_eq!(status(&answer).code(), Code::Unauthenticated, "{content_type}");
            assert_bodiless(&default, 401);
        } else {
            for answer in [answer, default] {
                answer.assert_invalid_token(Reason::MalformedToken);
                assert!(!answer.headers.contains_key("grpc-status"), "{content_type}");
            }
        }
    }
}

#[tokio::test]
async fn no_responder_of_the_application_is_asked() {
    for grpc in [GrpcAnswers::Status, GrpcAnswers::Http] {
        let api = Api::with_settings(|settings| {
            let silent = |_: &Refused| -> Response<Bytes> { panic!("a gRPC answer has no body") };
            settings.with_responder(silent).with_grpc(grpc)
        });
        let answer = api.send(call(bearer("/", "junk"))).await;
        assert_eq!((answer.reason, answer.body.as_str()), (Some(Reason::MalformedToken), ""), "{grpc:?}");
    }
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "no token has it")]
struct Member {
    org_id: String,
}

struct ReadReports;

impl Demand for ReadReports {
    fn policy() -> &'static ScopePolicy {
        static POLICY: LazyLock<ScopePolicy> = LazyLock::new(|| ScopePolicy::scope("read:reports").unwrap());
        &POLICY
    }
}

#[tokio::test]
async fn extractors_answer_as_the_layer_does() {
    let issuer = TestIssuer::in_memory("https://issuer.example.com");
    let trusted = Issuer::new(issuer.url(), AUDIENCE).with_jwks(issuer.jwks());
    let cfg = by_status(AuthConfig::builder(trusted).allow_anonymous()).build().unwrap();
    let app = Router::new()
        .route("/member", post(|_: Claims<Member>| async {}))
        .route("/reports", post(|_: Scoped<ReadReports>| async {}))
        .route("/report", post(|_: Scoped<ReadReports, String>| async {}))
        .route("/more", post(|auth: Authentication| async move { auth.require(ReadReports::policy()) }))
        .route(
            "/marked",
            post(|Extension(auth): Extension<Authentication>| async move { auth.require(ReadReports::policy()) }),
        )
        .layer(AuthLayer::new(cfg));
    let token = format!("Bearer {}", issuer.token().sign());
    for (path, with_token, code, reason) in [
        ("/member", false, Code::Unauthenticated, Reason::MissingCredentials),
        ("/member", true, Code::Unauthenticated, Reason::ClaimsShape),
        ("/reports", false, Code::Unauthenticated, Reason::MissingCredentials),
        ("/reports", true, Code::PermissionDenied, Reason::InsufficientScope),
        ("/report", true, Code::PermissionDenied, Reason::InsufficientScope),
        ("/more", false, Code::Unauthenticated, Reason::MissingCredentials),
        ("/more", true, Code::PermissionDenied, Reason::InsufficientScope),
        ("/marked", true, Code::PermissionDenied, Reason::InsufficientScope),
    ] {
        let request = Request::post(path).body(Body::empty()).unwrap();
        let request = if with_token { with_authorization(request, &token) } else { request };
        let answer = Answer::of(app.clone().oneshot(call(request)).await.unwrap(), false).await;
        assert_eq!((status(&answer).code(), answer.reason), (code, Some(reason)), "{path}");
    }
}

fn with_authorization(mut request: Request<Body>, value: &str) -> Request<Body> {
    request.headers_mut().insert(AUTHORIZATION, HeaderValue::from_str(value).unwrap());
    request
}

#[tokio::test]
async fn without_the_layer_guards_and_extractors_are_internal_errors() {
    let guard = RequireScopeLayer::new(ScopePolicy::all_of(["a"]).unwrap());
    let guarded = Router::new().route("/", post(|| async {})).route_layer(guard.clone());
    let extracting = Router::new().route("/", post(|_: Claims<Member>| async {}));
    let scoped = Router::new().route("/", post(|_: Scoped<ReadReports>| async {}));
    let send = async |app: Router| {
        let request = call(Request::post("/").body(Body::empty()).unwrap());
        let answer = Answer::of(app.oneshot(request).await.unwrap(), false).await;
        assert!(!answer.headers.contains_key("www-authenticate"));
        answer
    };
    for app in [guarded, extracting, scoped] {
        assert_bodiless(&send(app).await, 500);
    }
    let by_status = guard.with_grpc(GrpcAnswers::Status);
    let status = status(&send(Router::new().route("/", post(|| async {})).route_layer(by_status)).await);
    assert_eq!((status.code(), status.message()), (Code::Internal, "The server is misconfigured"));
}
