//! `DrainUnread`, for services that answer without reading.

use std::convert::Infallible;

use axum::Router;
use axum::body::Body;
use axum::routing::post;
use bytes::Bytes;
use claviger::AuthConfig;
use claviger::AuthLayer;
use claviger::DrainSettings;
use claviger::DrainUnread;
use claviger::Issuer;
use claviger::drain::UnreadBody;
use claviger_testing::TestIssuer;
use http::Request;
use http::Response;
use http::Version;
use http::header::CONNECTION;
use http::header::CONTENT_LENGTH;
use http::header::EXPECT;
use http_body::Body as _;
use http_body_util::BodyExt;
use http_body_util::Full;
use tower::Layer;
use tower::ServiceBuilder;
use tower::ServiceExt;
use tower::service_fn;

use super::Fate;
use super::Upload;
use crate::support::AUDIENCE;

fn app() -> Router {
    Router::new()
        .route("/drops", post(async || "dropped"))
        .route(
            "/begins",
            post(async |mut body: Body| {
                let _ = body.frame().await;
                "begun"
            }),
        )
        .route("/reads", post(async |body: Bytes| body.len().to_string()))
        .route("/keeps", post(async |body: Body| body))
        .layer(DrainUnread::new(DrainSettings::default().with_max_bytes(10_000)))
}

async fn send(path: &str, fields: &[(http::HeaderName, &str)], version: Version) -> (Response<Body>, Fate) {
    let (upload, fate) = Upload::at_once();
    let mut request = Request::post(path).version(version);
    for (name, value) in fields {
        request = request.header(name, *value);
    }
    let response = app().oneshot(request.body(Body::new(upload)).unwrap()).await.unwrap();
    assert_eq!(response.status(), 200);
    (response, fate)
}

#[tokio::test]
async fn what_a_service_leaves_unread_is_drained() {
    for path in ["/drops", "/begins", "/reads"] {
        let (response, fate) = send(path, &[], Version::HTTP_11).await;
        assert!(!response.headers().contains_key(CONNECTION), "{path}");
        fate.assert_drained(path).await;
    }
}

#[tokio::test]
async fn the_connection_is_closed_where_the_rest_is_not_read() {
    for (fields, drops, begins) in [
        (&[(CONTENT_LENGTH, "10001")][..], true, true),
        (&[(EXPECT, "100-continue")], true, false),
        (&[(CONTENT_LENGTH, "10000")], false, false),
    ] {
        for (path, closes) in [("/drops", drops), ("/begins", begins), ("/reads", false)] {
            let (response, fate) = send(path, fields, Version::HTTP_11).await;
            let is_closed = response.headers().get(CONNECTION).is_some_and(|value| value == "close");
            assert_eq!(is_closed, closes, "{path} {fields:?}");
            let read = if closes { u64::from(path == "/begins") } else { 4 };
            assert_eq!(fate.end().await.0, read, "{path} {fields:?}");
        }
    }
}

#[tokio::test]
async fn what_is_read_while_it_is_answered_is_left_alone() {
    let (response, mut fate) = send("/keeps", &[(EXPECT, "100-continue")], Version::HTTP_11).await;
    assert!(!response.headers().contains_key(CONNECTION));
    assert!(!fate.is_dropped() && fate.read() == 0);
    assert_eq!(response.into_body().collect().await.unwrap().to_bytes().len(), 4000);
}

#[tokio::test]
async fn over_http_2_it_does_nothing() {
    let (response, fate) = send("/drops", &[(EXPECT, "100-continue")], Version::HTTP_2).await;
    assert!(!response.headers().contains_key(CONNECTION));
    fate.assert_untouched("HTTP/2").await;
}

/// Outside of the auth layer it drains bodies of any type.
#[tokio::test]
async fn refusals_of_layers_behind_it_are_drained_whatever_the_body_is() {
    let issuer = TestIssuer::in_memory("https://issuer.example.com");
    let trusted = Issuer::new(issuer.url(), AUDIENCE).with_jwks(issuer.jwks());
    let auth = AuthLayer::new(AuthConfig::builder(trusted).build().unwrap());
    let inner =
        service_fn(async |_: Request<UnreadBody<Upload>>| Ok::<_, Infallible>(Response::new(Full::<Bytes>::default())));
    let service = ServiceBuilder::new().layer(DrainUnread::default()).layer(auth).service(inner);
    for (expect, closes) in [(None, false), (Some("100-continue"), true)] {
        let (upload, fate) = Upload::at_once();
        let request = expect.into_iter().fold(Request::post("/"), |request, value| request.header(EXPECT, value));
        let response = service.clone().oneshot(request.body(upload).unwrap()).await.unwrap();
        assert_eq!(response.status(), 401);
        let lines: Vec<_> = response.headers().get_all(CONNECTION).iter().collect();
        assert_eq!(lines.len(), usize::from(closes));
        if closes { fate.assert_untouched("Expect").await } else { fate.assert_drained("refused").await }
    }
}

#[tokio::test]
async fn a_body_states_its_length_and_its_end_as_before() {
    let seen = service_fn(async |request: Request<UnreadBody<Full<Bytes>>>| {
        let body = request.into_body();
        let stated = (body.size_hint().exact(), body.is_end_stream());
        let data = body.collect().await.unwrap().to_bytes();
        Ok::<_, Infallible>(Response::new(format!("{stated:?} {data:?}")))
    });
    for (body, expected) in [("", "(Some(0), true) b\"\""), ("text", "(Some(4), false) b\"text\"")] {
        let service = DrainUnread::default().layer(seen);
        let response = service.oneshot(Request::post("/").body(Full::from(body)).unwrap()).await.unwrap();
        assert_eq!(response.into_body(), expected);
    }
}
