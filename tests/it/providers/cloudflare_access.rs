//! An API behind Cloudflare Access.

use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::middleware::map_request;
use axum::routing::get;
use claviger::AuthConfig;
use claviger::AuthLayer;
use claviger::Claims;
use claviger::TokenSource;
use claviger_providers::cloudflare_access;
use claviger_providers::cloudflare_access::DevelopmentIdentity;
use claviger_providers::cloudflare_access::Principal;
use claviger_testing::TestClock;
use http::StatusCode;
use http_body_util::BodyExt;
use serde_json::Value;
use serde_json::json;
use tower::ServiceExt;

use crate::providers::Preset;
use crate::providers::world::sign;
use crate::support::NOW;

const SOURCES: [fn() -> TokenSource; 2] =
    [|| TokenSource::header(cloudflare_access::HEADER), || TokenSource::cookie(cloudflare_access::COOKIE)];

async fn greet(Claims(principal): Claims<Principal>) -> String {
    match &*principal {
        Principal::User(user) => format!("user {}", user.email),
        Principal::Service(service) => format!("service {}", service.common_name),
    }
}

fn app() -> Router {
    let preset = Preset::named("cloudflare-access");
    let cfg = AuthConfig::builder((preset.issuer)("one").add_audience("tag-of-three"))
        .with_sources(SOURCES.map(|source| source()))
        .with_hosts(["reports.example.com"])
        .with_clock(TestClock::at_second(NOW))
        .with_fetch(preset.world("one"))
        .build()
        .unwrap();
    Router::new().route("/", get(greet).post(greet)).layer(AuthLayer::new(cfg).with_claims::<Principal>())
}

async fn send(app: Router, request: http::request::Builder) -> (StatusCode, String) {
    let answer = app.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let status = answer.status();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

fn token(changes: &Value) -> String {
    let preset = Preset::named("cloudflare-access");
    let mut claims = preset.claims("one");
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    sign(preset.typ, &claims)
}

fn service() -> Value {
    json!({ "email": null, "nbf": null, "identity_nonce": null, "country": null, "sub": "", "common_name": "88bf.access" })
}

#[tokio::test]
async fn the_field_is_asked_first_and_its_failure_is_final() {
    let (good, bad) = (token(&json!({})), token(&json!({ "type": "org" })));
    let other = token(&json!({ "email": "other@example.com" }));
    for (field, cookie, expected) in [
        (Some(&good), None, Ok("user user@example.com")),
        (None, Some(&good), Ok("user user@example.com")),
        (Some(&good), Some(&good), Ok("user user@example.com")),
        (Some(&good), Some(&other), Ok("user user@example.com")),
        (Some(&good), Some(&bad), Ok("user user@example.com")),
        (Some(&bad), Some(&good), Err(StatusCode::UNAUTHORIZED)),
        (None, Some(&bad), Err(StatusCode::UNAUTHORIZED)),
        (None, None, Err(StatusCode::UNAUTHORIZED)),
    ] {
        let mut request = Request::get("/");
        if let Some(field) = field {
            request = request.header("Cf-Access-Jwt-Assertion", field);
        }
        if let Some(cookie) = cookie {
            request = request.header("cookie", format!("other=1; CF_Authorization={cookie}"));
        }
        let (status, body) = send(app(), request).await;
        match expected {
            Ok(greeting) => assert_eq!((status, body.as_str()), (StatusCode::OK, greeting)),
            Err(expected) => assert_eq!(status, expected, "{body}"),
        }
    }
}

#[tokio::test]
async fn a_bearer_token_is_not_looked_at() {
    let request = Request::get("/").header("authorization", format!("Bearer {}", token(&json!({}))));
    assert_eq!(send(app(), request).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn users_and_services_of_every_application_in_front_and_of_no_other() {
    for (changes, expected) in [
        (json!({ "aud": ["tag-of-three"] }), Some("user user@example.com")),
        (json!({ "aud": ["tag-of-two", "tag-of-three"] }), Some("user user@example.com")),
        (json!({ "aud": ["tag-of-two"] }), None),
        (json!({ "aud": "tag-of-one" }), Some("user user@example.com")),
        (service(), Some("service 88bf.access")),
        (json!({ "common_name": "88bf.access" }), None),
        (json!({ "email": null }), None),
        (json!({ "sub": "" }), None),
    ] {
        let request = Request::get("/").header("cf-access-jwt-assertion", token(&changes));
        let (status, body) = send(app(), request).await;
        let passed = (status == StatusCode::OK).then_some(body.as_str());
        assert_eq!(passed, expected, "{changes}");
        if expected.is_none() {
            assert_eq!(status, StatusCode::UNAUTHORIZED, "{changes}");
        }
    }
}

#[tokio::test]
async fn a_cookie_alone_changes_nothing_for_another_site() {
    let cookie = format!("CF_Authorization={}", token(&json!({})));
    for (site, expected) in [("cross-site", StatusCode::FORBIDDEN), ("same-origin", StatusCode::OK)] {
        let request = Request::post("/").header("cookie", &cookie).header("sec-fetch-site", site);
        assert_eq!(send(app(), request).await.0, expected, "{site}");
    }
}

#[tokio::test]
async fn a_development_identity_passes_where_access_would_and_counts_for_nothing_elsewhere() {
    let identity = DevelopmentIdentity::new(SocketAddr::from(([127, 0, 0, 1], 3000)), "dev@example.com").unwrap();
    let issuer = identity.issuer();
    let mut stolen = http::Request::get("/").header("host", "localhost").body(()).unwrap();
    identity.sign_in(&mut stolen);

    let cfg =
        AuthConfig::builder(issuer).with_sources(SOURCES.map(|source| source())).with_hosts(["localhost"]).build();
    let local = Router::new()
        .route("/", get(greet))
        .layer(AuthLayer::new(cfg.unwrap()).with_claims::<Principal>())
        .layer(map_request(move |mut request: Request| {
            identity.sign_in(&mut request);
            std::future::ready(request)
        }));
    let here = Request::get("/").header("host", "localhost:3000");
    assert_eq!(send(local.clone(), here).await, (StatusCode::OK, "user dev@example.com".to_owned()));
    let elsewhere = Request::get("/").header("host", "reports.example.com");
    assert_eq!(send(local, elsewhere).await.0, StatusCode::UNAUTHORIZED);

    let request = Request::get("/").header("cf-access-jwt-assertion", &stolen.headers()["cf-access-jwt-assertion"]);
    assert_eq!(send(app(), request).await.0, StatusCode::UNAUTHORIZED);
}
