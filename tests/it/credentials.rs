//! Section 1 of the contract: reading the request.

use axum::body::Body;
use claviger::error::Reason;
use http::Method;
use http::Request;

use crate::support::Api;
use crate::support::bearer;

#[tokio::test]
async fn no_credentials_are_asked_for() {
    Api::new().authorize(&[]).await.assert_asks_for_credentials(Reason::MissingCredentials);
}

#[tokio::test]
async fn other_schemes_are_asked_for_ours() {
    let api = Api::new();
    for field in ["Basic dTpw", "DPoPx a.b.c", "Digest username=\"u\", realm=\"r\"", "Bearerx y", "Negotiate"] {
        api.authorize(&[field.as_bytes()]).await.assert_asks_for_credentials(Reason::UnsupportedScheme);
    }
}

#[tokio::test]
async fn credentials_that_leave_a_doubt_are_an_invalid_request() {
    let api = Api::new();
    let token = api.token().sign();
    let twice = format!("Bearer {token}, Bearer {token}");
    let spaced = format!("Bearer {token} {token}");
    let quoted = format!("Bearer \"{token}\"");
    let mixed = format!("Basic dTpw, Bearer {token}");
    let foreign = format!("Bearer {token}\u{e4}");
    for field in ["Bearer", "Bearer ", "Bearer  ", "Bearer \t", &twice, &spaced, &quoted, &mixed, &foreign] {
        api.authorize(&[field.as_bytes()]).await.assert_invalid_request();
    }
    api.authorize(&[b"Bearer \xff\xfe"]).await.assert_invalid_request();
    let field = format!("Bearer {token}");
    api.authorize(&[field.as_bytes(), field.as_bytes()]).await.assert_invalid_request();
    api.authorize(&[b"Basic dTpw", field.as_bytes()]).await.assert_invalid_request();
}

#[tokio::test]
async fn the_scheme_has_any_case_and_any_number_of_spaces() {
    let api = Api::new();
    for prefix in ["Bearer ", "bearer ", "BEARER ", "bEaReR    "] {
        let field = format!("{prefix}{}", api.token().sign());
        api.authorize(&[field.as_bytes()]).await.assert_passed();
    }
}

#[tokio::test]
async fn a_token_over_the_limit_is_refused_and_one_at_the_limit_is_read() {
    let api = Api::with_settings(|settings| settings.with_max_token_bytes(2000));
    let padded = |bytes: usize| {
        let short = api.token().claim("pad", "").sign().len();
        let fill = (bytes - short) / 4 * 3;
        (0..8).map(|more| api.token().claim("pad", "x".repeat(fill + more)).sign()).rfind(|token| token.len() <= bytes)
    };
    let longest = padded(2000).unwrap();
    assert!((1998..=2000).contains(&longest.len()), "{}", longest.len());
    api.show(&longest).await.assert_passed();
    api.show(&"a".repeat(2001)).await.assert_invalid_token(Reason::MalformedToken);
    api.show(&api.token().claim("pad", "x".repeat(2000)).sign()).await.assert_invalid_token(Reason::MalformedToken);
}

#[tokio::test]
async fn unless_it_is_set_the_limit_is_16_kib() {
    let api = Api::new();
    let padded = |bytes: usize| {
        let short = api.token().claim("pad", "").sign().len();
        let fill = (bytes - short) / 4 * 3;
        (0..8).map(|more| api.token().claim("pad", "x".repeat(fill + more)).sign()).rfind(|token| token.len() <= bytes)
    };
    let longest = padded(16_384).unwrap();
    assert!(longest.len() > 16_380, "{}", longest.len());
    api.show(&longest).await.assert_passed();
    api.show(&format!("{longest}AAAA")).await.assert_invalid_token(Reason::MalformedToken);
}

#[tokio::test]
async fn a_token_anywhere_else_is_not_read() {
    let api = Api::new();
    let token = api.token().sign();
    let elsewhere = Request::post(format!("/?access_token={token}"))
        .header("cookie", format!("access_token={token}"))
        .header("x-forwarded-access-token", &token)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(format!("access_token={token}")))
        .unwrap();
    api.send(elsewhere).await.assert_asks_for_credentials(Reason::MissingCredentials);
}

#[tokio::test]
async fn head_is_judged_like_get() {
    let api = Api::new();
    let head = |request: Request<Body>| {
        let mut request = request;
        *request.method_mut() = Method::HEAD;
        request
    };
    let answer = api.send(head(Request::get("/").body(Body::empty()).unwrap())).await;
    assert_eq!((answer.status.as_u16(), answer.reached), (401, false));
    assert_eq!(answer.parameter("realm").as_deref(), Some("api"));
    let answer = api.send(head(bearer("/", &api.token().sign()))).await;
    assert_eq!((answer.status.as_u16(), answer.reached), (200, true));
}

#[tokio::test]
async fn a_preflight_is_a_request_like_any_other() {
    let preflight = Request::options("/")
        .header("origin", "https://app.example")
        .header("access-control-request-method", "GET")
        .header("access-control-request-headers", "authorization");
    let answer = Api::new().send(preflight.body(Body::empty()).unwrap()).await;
    answer.assert_asks_for_credentials(Reason::MissingCredentials);
}

#[tokio::test]
async fn anonymous_requests_pass_where_they_may_and_bad_credentials_do_not() {
    let api = Api::with_settings(claviger::AuthConfigBuilder::allow_anonymous);
    api.authorize(&[]).await.assert_passed();
    api.authorize(&[b"Basic dTpw"]).await.assert_passed();
    api.show(&api.token().sign()).await.assert_passed();
    api.show("junk").await.assert_invalid_token(Reason::MalformedToken);
    api.authorize(&[b"Bearer"]).await.assert_invalid_request();
    let guarded = Request::get("/reports").body(Body::empty()).unwrap();
    api.send(guarded).await.assert_asks_for_credentials(Reason::MissingCredentials);
}

#[tokio::test]
async fn without_a_token_a_method_or_path_that_is_not_there_asks_for_one() {
    let api = Api::new();
    for (method, path, status) in [(Method::DELETE, "/reports", 405), (Method::GET, "/nowhere", 404)] {
        let request = Request::builder().method(method.clone()).uri(path).body(Body::empty()).unwrap();
        api.send(request).await.assert_asks_for_credentials(Reason::MissingCredentials);
        let mut believed = bearer(path, &api.token().scope("read:reports").sign());
        *believed.method_mut() = method;
        assert_eq!(api.send(believed).await.status, status);
    }
}
