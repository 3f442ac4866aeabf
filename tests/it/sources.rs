//! Section 1 of the contract: other places for the token, and which of them decides.

use axum::Router;
use axum::body::Body;
use axum::extract::OriginalUri;
use axum::extract::Request;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::any;
use claviger::AuthConfig;
use claviger::AuthLayer;
use claviger::Issuer;
use claviger::TokenSource;
use claviger::error::Reason;
use claviger_testing::TestIssuer;
use http::HeaderMap;
use http::Method;
use http::StatusCode;
use http::header::CACHE_CONTROL;
use http::header::SEC_WEBSOCKET_PROTOCOL;
use http::request;
use tower::Layer;
use tower::ServiceExt;
use tower::service_fn;

use crate::support::AUDIENCE;
use crate::support::Api;
use crate::support::bearer;

fn all() -> [TokenSource; 5] {
    [
        TokenSource::Authorization,
        TokenSource::header("Cf-Access-Jwt-Assertion"),
        TokenSource::cookie("session"),
        TokenSource::Query,
        TokenSource::WebSocketProtocol,
    ]
}

fn with_sources(sources: impl IntoIterator<Item = TokenSource>) -> Api {
    Api::with_settings(|settings| settings.with_sources(sources))
}

/// A request with a token in each of these places, as a page of our own could send it.
fn request(tokens: &[(&TokenSource, &str)]) -> Request {
    let mut uri = "/".to_owned();
    let mut request = Request::builder().header("sec-fetch-site", "same-origin");
    for (source, token) in tokens {
        request = match source {
            TokenSource::Authorization => request.header("authorization", format!("Bearer {token}")),
            TokenSource::Header(name) => request.header(name, *token),
            TokenSource::Cookie(name) => request.header("cookie", format!("{name}={token}")),
            TokenSource::WebSocketProtocol => {
                handshake(request).header(SEC_WEBSOCKET_PROTOCOL, format!("v1, bearer.{token}"))
            }
            TokenSource::Query | _ => {
                uri = format!("/?access_token={token}");
                request
            }
        };
    }
    request.uri(uri).body(Body::empty()).unwrap()
}

fn handshake(request: request::Builder) -> request::Builder {
    request.header("connection", "Upgrade").header("upgrade", "websocket")
}

#[tokio::test]
async fn each_source_is_read_where_it_is_configured_and_nowhere_else() {
    for configured in all() {
        let api = with_sources([configured.clone()]);
        let token = api.token().sign();
        for sent in all() {
            let answer = api.send(request(&[(&sent, &token)])).await;
            if sent == configured {
                answer.assert_passed();
                api.send(request(&[(&sent, "junk")])).await.assert_invalid_token(Reason::MalformedToken);
            } else {
                answer.assert_asks_for_credentials(Reason::MissingCredentials);
            }
        }
    }
}

#[tokio::test]
async fn the_first_source_that_is_present_decides_and_its_failure_is_final() {
    for first in all() {
        for second in all().into_iter().filter(|second| *second != first) {
            if [&first, &second].contains(&&TokenSource::Query)
                && [&first, &second].contains(&&TokenSource::Authorization)
            {
                continue;
            }
            let api = with_sources([first.clone(), second.clone()]);
            let token = api.token().sign();
            api.send(request(&[(&second, &token)])).await.assert_passed();
            api.send(request(&[(&first, &token), (&second, "junk")])).await.assert_passed();
            let failed = api.send(request(&[(&first, "junk"), (&second, &token)])).await;
            failed.assert_invalid_token(Reason::MalformedToken);
            let malformed = api.send(request(&[(&first, "a,b"), (&second, &token)])).await;
            if first != TokenSource::WebSocketProtocol {
                malformed.assert_invalid_request();
            }
        }
    }
}

#[tokio::test]
async fn another_scheme_is_no_credential_of_ours_and_the_next_source_is_asked() {
    let api = with_sources([TokenSource::Authorization, TokenSource::header("x-token")]);
    let send = |field: &str, token: Option<&str>| {
        let mut request = Request::get("/").header("authorization", field);
        if let Some(token) = token {
            request = request.header("x-token", token);
        }
        api.send(request.body(Body::empty()).unwrap())
    };
    let token = api.token().sign();
    send("Basic dTpw", Some(&token)).await.assert_passed();
    send("Basic dTpw", Some("junk")).await.assert_invalid_token(Reason::MalformedToken);
    send("Basic dTpw", None).await.assert_asks_for_credentials(Reason::UnsupportedScheme);
    send("Basic x, Bearer y", Some(&token)).await.assert_invalid_request();
    send("Bearer", Some(&token)).await.assert_invalid_request();
}

#[tokio::test]
async fn optional_means_that_no_source_is_present() {
    let api = Api::with_settings(|settings| settings.with_sources(all()).allow_anonymous());
    api.send(request(&[])).await.assert_passed();
    for source in all() {
        api.send(request(&[(&source, "junk")])).await.assert_invalid_token(Reason::MalformedToken);
    }
}

#[tokio::test]
async fn a_query_token_beside_any_authorization_is_an_invalid_request() {
    for sources in [
        &[TokenSource::Authorization, TokenSource::Query][..],
        &[TokenSource::Query, TokenSource::Authorization],
        &[TokenSource::Query],
        &[TokenSource::header("x-token"), TokenSource::Query],
    ] {
        let api = with_sources(sources.to_vec());
        let token = api.token().sign();
        for field in [format!("Bearer {token}"), "Basic dTpw".to_owned(), "Bearer".to_owned(), String::new()] {
            let request = Request::get(format!("/?access_token={token}")).header("authorization", field);
            api.send(request.header("x-token", &token).body(Body::empty()).unwrap()).await.assert_invalid_request();
        }
    }
    let api = Api::new();
    let token = api.token().sign();
    api.send(bearer("/?access_token=junk", &token)).await.assert_passed();
}

#[tokio::test]
async fn a_token_twice_in_one_place_and_what_is_no_token68_are_invalid_requests() {
    let api = with_sources(all());
    let token = api.token().sign();
    for values in [
        vec![token.clone(), token.clone()],
        vec![token.clone(), "v".to_owned()],
        vec![format!("{token}, {token}")],
        vec![format!("Bearer {token}")],
        vec![format!("\"{token}\"")],
        vec![String::new()],
        vec![format!("{token}\u{e4}")],
    ] {
        let mut request = request(&[]);
        for value in &values {
            request.headers_mut().append("cf-access-jwt-assertion", value.parse().unwrap());
        }
        api.send(request).await.assert_invalid_request();
    }
    for query in [
        format!("access_token={token}&access_token={token}"),
        "access_token".to_owned(),
        format!("access_token={token}%20"),
    ] {
        let request = Request::get(format!("/?{query}")).body(Body::empty()).unwrap();
        api.send(request).await.assert_invalid_request();
    }
    for offers in [format!("bearer.{token}, bearer.{token}"), "v1, bearer.".to_owned()] {
        let request = handshake(Request::get("/")).header(SEC_WEBSOCKET_PROTOCOL, offers);
        api.send(request.body(Body::empty()).unwrap()).await.assert_invalid_request();
    }
}

#[tokio::test]
async fn the_limit_is_that_of_every_source() {
    let api = Api::with_settings(|settings| settings.with_sources(all()).with_max_token_bytes(2000));
    for source in all() {
        let answer = api.send(request(&[(&source, &"a".repeat(2001))])).await;
        answer.assert_invalid_token(Reason::MalformedToken);
    }
}

#[tokio::test]
async fn a_body_is_never_read() {
    let api = with_sources(all());
    let request = Request::post("/").header("content-type", "application/x-www-form-urlencoded");
    let request = request.body(Body::from(format!("access_token={}", api.token().sign()))).unwrap();
    api.send(request).await.assert_asks_for_credentials(Reason::MissingCredentials);
}

/// A layer over all sources; its keys are at hand, or have to be fetched first.
async fn layers() -> [(TestIssuer, AuthLayer); 2] {
    let layer = |issuer| AuthLayer::new(AuthConfig::builder(issuer).with_sources(all()).build().unwrap());
    let at_hand = TestIssuer::in_memory("https://issuer.example.com");
    let over_at_hand = layer(Issuer::new(at_hand.url(), AUDIENCE).with_jwks(at_hand.jwks()));
    let serving = TestIssuer::start().await;
    let over_serving = layer(Issuer::new(serving.url(), AUDIENCE));
    [(at_hand, over_at_hand), (serving, over_serving)]
}

/// What the inner service sees of the request's address and offers.
async fn seen(OriginalUri(original): OriginalUri, request: Request) -> String {
    format!("{} {original} {:?}", request.uri(), offers(request.headers()))
}

fn offers(headers: &HeaderMap) -> Vec<&str> {
    headers.get_all(SEC_WEBSOCKET_PROTOCOL).iter().map(|field| field.to_str().unwrap()).collect()
}

async fn text(response: Response) -> String {
    assert_eq!(response.status(), StatusCode::OK);
    String::from_utf8(axum::body::to_bytes(response.into_body(), 10_000).await.unwrap().to_vec()).unwrap()
}

#[tokio::test]
async fn a_query_token_is_removed_before_the_inner_service_sees_the_address() {
    for (issuer, layer) in layers().await {
        let routes = Router::new().route("/{*rest}", any(seen));
        let outside = Router::new().nest("/in", routes.clone()).layer(layer.clone());
        let inside = Router::new().nest("/in", routes.clone().layer(layer.clone()));
        let around = layer.layer(Router::new().nest("/in", routes));
        let token = issuer.token().sign();
        let sent = format!("/in/a%2Fb;c?x=%7E&access%5Ftoken={token}&&y=+");
        let send = || Request::get(&sent).body(Body::empty()).unwrap();
        let expected = "/a%2Fb;c?x=%7E&&y=+ /in/a%2Fb;c?x=%7E&&y=+ []";
        assert_eq!(text(outside.oneshot(send()).await.unwrap()).await, expected);
        assert_eq!(text(inside.oneshot(send()).await.unwrap()).await, expected);
        assert_eq!(text(around.oneshot(send()).await.unwrap().into_response()).await, expected);
    }
}

#[tokio::test]
async fn a_query_token_is_removed_too_where_another_source_decides() {
    let [(issuer, layer), _] = layers().await;
    let app = Router::new().route("/", any(seen)).layer(layer);
    let request = Request::get("/?access_token=junk&a").header("cf-access-jwt-assertion", issuer.token().sign());
    let answer = app.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(text(answer).await, "/?a /?a []");
}

#[tokio::test]
async fn what_is_no_source_stays_where_it_is() {
    let issuer = TestIssuer::in_memory("https://issuer.example.com");
    let trusted = Issuer::new(issuer.url(), AUDIENCE).with_jwks(issuer.jwks());
    let app = Router::new().route("/", any(seen)).layer(AuthLayer::new(AuthConfig::builder(trusted).build().unwrap()));
    let mut request = bearer("/?access_token=a", &issuer.token().sign());
    request.headers_mut().insert("upgrade", "websocket".parse().unwrap());
    request.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, "bearer.a".parse().unwrap());
    assert_eq!(text(app.oneshot(request).await.unwrap()).await, "/?access_token=a /?access_token=a [\"bearer.a\"]");
}

#[tokio::test]
async fn an_offered_token_is_read_on_a_handshake_alone_and_removed_from_the_offer() {
    for (issuer, layer) in layers().await {
        let app = Router::new().route("/", any(seen)).layer(layer);
        let token = issuer.token().sign();
        for (fields, left) in [
            (vec![format!("bearer.{token}")], "[]"),
            (vec![format!("bearer.{token}, v1,v2")], r#"["v1,v2"]"#),
            (vec!["v1".to_owned(), format!("bearer.{token}"), "v2".to_owned()], r#"["v1", "v2"]"#),
        ] {
            let offer = |mut request: request::Builder| {
                for field in &fields {
                    request = request.header(SEC_WEBSOCKET_PROTOCOL, field);
                }
                request.body(Body::empty()).unwrap()
            };
            let opened = app.clone().oneshot(offer(handshake(Request::get("/")))).await.unwrap();
            assert_eq!(text(opened).await, format!("/ / {left}"));
            let plain = app.clone().oneshot(offer(Request::get("/"))).await.unwrap();
            assert_eq!(plain.status(), StatusCode::UNAUTHORIZED);
        }
    }
}

/// RFC 8441: no `Upgrade`, and the path in a request that is `CONNECT`.
#[tokio::test]
async fn an_extended_connect_is_a_handshake() {
    let [(issuer, layer), _] = layers().await;
    let inner = service_fn(async |request: Request| {
        assert_eq!(offers(request.headers()), ["v1"]);
        Ok::<_, std::convert::Infallible>("in".into_response())
    });
    let connect = Request::builder().method(Method::CONNECT).uri("https://api.example.com/chat");
    let offered = format!("v1, bearer.{}", issuer.token().sign());
    let request = connect.header(SEC_WEBSOCKET_PROTOCOL, offered).body(Body::empty()).unwrap();
    assert_eq!(text(layer.layer(inner).oneshot(request).await.unwrap().into_response()).await, "in");
}

/// RFC 9111, section 3.5; RFC 6750, section 2.3.
#[tokio::test]
async fn responses_to_tokens_are_kept_out_of_shared_caches() {
    let said = async |headers: HeaderMap| {
        let mut response = Response::new(Body::empty());
        response.headers_mut().extend(headers.get("x-say").map(|said| (CACHE_CONTROL, said.clone())));
        response
    };
    for source in all() {
        // New layers for each, so that a first request waits for keys.
        for (issuer, layer) in layers().await {
            let app = Router::new().route("/", any(said)).layer(layer);
            let token = issuer.token().sign();
            for (said, of_authorization, of_others) in [
                (None, "private", "private"),
                (Some("max-age=60"), "max-age=60, private", "max-age=60, private"),
                (Some("public, max-age=60"), "public, max-age=60", "max-age=60, private"),
                (Some("s-maxage=60"), "s-maxage=60", "private"),
                (Some("private"), "private", "private"),
                (Some("no-store"), "no-store", "no-store"),
            ] {
                let mut request = request(&[(&source, &token)]);
                if let Some(said) = said {
                    request.headers_mut().insert("x-say", said.parse().unwrap());
                }
                request.headers_mut().remove("sec-fetch-site");
                if source == TokenSource::WebSocketProtocol {
                    request.headers_mut().insert("origin", "https://anywhere.example".parse().unwrap());
                }
                let response = app.clone().oneshot(request).await.unwrap();
                assert_eq!(response.status(), StatusCode::OK);
                let is_known = source == TokenSource::Authorization;
                let expected = if is_known { of_authorization } else { of_others };
                assert_eq!(response.headers()[CACHE_CONTROL], expected, "{source:?} {said:?}");
            }
        }
    }
}
