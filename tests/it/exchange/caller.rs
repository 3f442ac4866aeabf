//! Handlers that call on: one API that exchanges the caller's token, and a second one that guards itself with it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::Mutex;

use axum::Json;
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::Request;
use axum::http::Response;
use axum::response::IntoResponse;
use axum::routing::get;
use claviger::Actor;
use claviger::AuthConfig;
use claviger::AuthConfigBuilder;
use claviger::AuthLayer;
use claviger::Issuer;
use claviger::authenticate::Authentication;
use claviger_exchange::Caller;
use claviger_exchange::Connection;
use claviger_exchange::ExchangeError;
use claviger_exchange::Exchanger;
use claviger_exchange::OnBehalfOf;
use claviger_exchange::PrivateKey;
use claviger_testing::Fault;
use http::HeaderMap;
use http::StatusCode;
use http_body_util::BodyExt;
use secrecy::ExposeSecret;
use serde_json::Value;
use serde_json::json;
use tower::ServiceExt;

use super::INVENTORY;
use super::World;
use crate::support::AUDIENCE;
use crate::support::bearer;

/// The first API: calls the second one at `inventory`.
#[derive(Clone, axum::extract::FromRef)]
struct Reports {
    exchanger: Exchanger,
    inventory: Inventory,
}

#[derive(Clone)]
struct Inventory(String);

fn guarded(world: &World, audience: &str, options: fn(AuthConfigBuilder) -> AuthConfigBuilder, app: Router) -> Router {
    let trusted = Issuer::new(world.issuer.url(), audience).with_jwks(world.issuer.jwks());
    let cfg = options(AuthConfig::builder(trusted).with_clock(world.clock.clone())).build().unwrap();
    app.layer(AuthLayer::new(cfg))
}

fn reports(world: &World, inventory: &str, options: fn(AuthConfigBuilder) -> AuthConfigBuilder) -> Router {
    let state = Reports { exchanger: world.exchanger.clone(), inventory: Inventory(inventory.to_owned()) };
    let app = Router::new().route("/items", get(items)).route("/vault", get(vault)).with_state(state);
    guarded(world, AUDIENCE, options, app)
}

async fn items(State(Inventory(url)): State<Inventory>, caller: Caller) -> Result<String, ExchangeError> {
    let token = caller.on_behalf_of(&OnBehalfOf::new(INVENTORY)).await?;
    let request = reqwest::Client::new().get(url).build().unwrap();
    let answer = token.send(&reqwest::Client::new(), request).await.unwrap();
    Ok(format!("{} {}", answer.status().as_u16(), answer.text().await.unwrap()))
}

async fn vault(caller: Caller) -> Result<String, ExchangeError> {
    let token = caller.connection_token(&Connection::new("google-oauth2")).await?;
    Ok(token.secret().expose_secret().to_owned())
}

/// The second API: tells who calls, and who acts.
async fn inventory(world: &World) -> String {
    async fn told(authentication: Authentication) -> Json<Value> {
        let token = authentication.token().unwrap();
        let actors = token.actors().unwrap();
        let chain: Vec<_> = actors.iter().flat_map(|actors| actors.iter().map(Actor::subject)).collect();
        Json(json!({ "sub": token.subject(), "actors": chain }))
    }
    let app = Router::new().route("/", get(told));
    serve(guarded(world, INVENTORY, |cfg| cfg, app)).await
}

async fn serve(app: Router) -> String {
    let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    format!("http://{address}/")
}

async fn send(app: Router, request: Request<Body>) -> (StatusCode, HeaderMap, String) {
    let (parts, body) = app.oneshot(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    (parts.status, parts.headers, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn the_second_api_sees_the_caller_and_who_acts_for_them() {
    let world = World::new().await;
    let inventory = inventory(&world).await;
    let app = reports(&world, &inventory, AuthConfigBuilder::keep_presented_token);
    let token = world.issuer.token().claim("sub", "alice").claim("act", json!({ "sub": "gateway" })).sign();
    let (status, _, body) = send(app.clone(), bearer("/items", &token)).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let told = body.strip_prefix("200 ").unwrap_or_else(|| panic!("{body}"));
    let told: Value = serde_json::from_str(told).unwrap();
    assert_eq!(told, json!({ "sub": "alice", "actors": ["reports", "gateway"] }));
    assert_eq!(world.sent().field("subject_token"), Some(&*token));

    // The caller's own token is not for the second API.
    let answer = reqwest::Client::new().get(&inventory).bearer_auth(&token).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);

    let (status, _, body) = send(app, bearer("/vault", &token)).await;
    assert_eq!(status, StatusCode::OK, "{body}");
}

#[tokio::test]
async fn who_is_not_believed_is_not_exchanged() {
    let world = World::new().await;
    let optional = |cfg: AuthConfigBuilder| cfg.keep_presented_token().allow_anonymous();
    let app = reports(&world, "http://127.0.0.1:1/", optional);
    let anonymous = Request::get("/items").body(Body::empty()).unwrap();
    let (status, headers, _) = send(app.clone(), anonymous).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    let challenges: Vec<_> = headers.get_all("www-authenticate").iter().collect();
    assert_eq!(challenges, [r#"Bearer realm="api""#]);
    let forged = world.issuer.token().with_signature([0; 64]).sign();
    assert_eq!(send(app, bearer("/items", &forged)).await.0, StatusCode::UNAUTHORIZED);
    world.assert_nothing_was_sent();
}

#[tokio::test]
async fn a_layer_that_keeps_no_token_is_told_in_the_log_alone() {
    let world = World::new().await;
    let app = reports(&world, "http://127.0.0.1:1/", |cfg| cfg);
    let (status, _, body) = send(app, bearer("/items", &world.issuer.token().sign())).await;
    assert_eq!((status, &*body), (StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"));
    let state = Reports { exchanger: world.exchanger.clone(), inventory: Inventory(String::new()) };
    let bare = Router::new().route("/items", get(items)).with_state(state);
    assert_eq!(send(bare, bearer("/items", "t")).await.0, StatusCode::INTERNAL_SERVER_ERROR);
    world.assert_nothing_was_sent();
}

#[tokio::test]
async fn a_failed_exchange_is_no_fault_of_the_client_and_tells_it_nothing() {
    let world = World::new().await;
    let app = reports(&world, "http://127.0.0.1:1/", AuthConfigBuilder::keep_presented_token);
    let refused = Response::builder().status(403).header("content-type", "application/json");
    let refused = refused.body(r#"{"error":"access_denied","error_description":"alice is suspended"}"#.into()).unwrap();
    world.issuer.fail_token(Fault::Answer(refused));
    let (status, headers, body) = send(app, bearer("/items", &world.issuer.token().sign())).await;
    assert_eq!((status, &*body), (StatusCode::BAD_GATEWAY, "Bad Gateway"));
    assert!(!headers.contains_key("www-authenticate"));
    assert_eq!(ExchangeError::Deadline.into_response().status(), StatusCode::GATEWAY_TIMEOUT);
}

#[tokio::test]
async fn the_text_is_kept_by_configuration_alone_and_shown_nowhere() {
    let world = World::new().await;
    let token = world.issuer.token().sign();
    async fn kept(authentication: Authentication, headers: HeaderMap) -> String {
        let token = authentication.token().unwrap();
        let shown = format!("{authentication:?} {token:?}");
        let fields = headers.values().filter(|field| field.to_str().is_ok_and(|field| field.contains("eyJ"))).count();
        format!("{} {} {fields}", token.presented_token().is_some(), shown.contains("eyJ"))
    }
    for (options, expected) in [
        (AuthConfigBuilder::keep_presented_token as fn(AuthConfigBuilder) -> AuthConfigBuilder, "true false 1"),
        (|cfg| cfg, "false false 1"),
    ] {
        let app = guarded(&world, AUDIENCE, options, Router::new().route("/", get(kept)));
        assert_eq!(send(app, bearer("/", &token)).await.2, expected);
    }
    let file = |kept: &str| {
        let file =
            format!("keep_presented_token = {kept}\n[[issuers]]\nissuer = \"https://a.example\"\naudience = \"b\"\n");
        AuthConfig::read_toml(&file)
    };
    assert!(file("true").is_ok() && file("false").is_ok());
    assert_eq!(file("1").unwrap_err().problems()[0].path(), "keep_presented_token");
}

/// What an API that wants a nonce saw: the two fields of each request.
type Seen = Arc<Mutex<Vec<(String, String)>>>;

async fn demands_a_nonce(State(seen): State<Seen>, headers: HeaderMap) -> Response<Body> {
    let field = |name: &str| headers[name].to_str().unwrap().to_owned();
    let mut seen = seen.lock().unwrap();
    seen.push((field("authorization"), field("dpop")));
    if seen.len() > 1 {
        return Response::new(Body::from("at last"));
    }
    let refused = Response::builder().status(401).header("dpop-nonce", "of-the-api");
    refused.header("www-authenticate", r#"DPoP error="use_dpop_nonce""#).body(Body::empty()).unwrap()
}

#[tokio::test]
async fn a_call_is_sent_once_more_with_the_nonce_that_the_api_wants() {
    let key = PrivateKey::generate(claviger::Algorithm::Es256).unwrap();
    let world = World::with(|exchanger| exchanger.with_dpop(key)).await;
    let seen = Seen::default();
    let url = serve(Router::new().route("/", get(demands_a_nonce)).with_state(Arc::clone(&seen))).await;
    let token = world.on_behalf_of().await.unwrap();
    let client = reqwest::Client::new();
    let answer = token.send(&client, client.get(&url).build().unwrap()).await.unwrap();
    assert_eq!(answer.text().await.unwrap(), "at last");

    let seen = seen.lock().unwrap();
    assert!(seen.iter().all(|(authorization, _)| authorization.starts_with("DPoP ")));
    let nonces: Vec<_> = seen.iter().map(|(_, proof)| claims(proof)["nonce"].clone()).collect();
    assert_eq!(nonces, [Value::Null, json!("of-the-api")]);
    assert_eq!(claims(&seen[1].1)["htu"], *url);
}

fn claims(proof: &str) -> Value {
    serde_json::from_slice(&super::from_base64url(proof.split('.').nth(1).unwrap())).unwrap()
}
