//! The programs that call other APIs in the caller's name.

use std::sync::Arc;
use std::sync::Mutex;

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use claviger_testing::Fault;
use claviger_testing::TestIssuer;
use http::HeaderMap;
use reqwest::Client;
use reqwest::StatusCode;
use serde_json::Value;
use serde_json::json;
use tokio::net::TcpListener;

use crate::program::Program;

async fn start(name: &str, arguments: &[&str]) -> (TestIssuer, Program, String) {
    let issuer = TestIssuer::start().await;
    let arguments = [&[issuer.url(), "reports"], arguments].concat();
    let mut program = Program::start_with(name, &arguments, &[("CLIENT_SECRET", "a secret of the test")]);
    let origin = program.origin().await;
    (issuer, program, origin)
}

#[tokio::test]
async fn on_behalf_of_calls_the_second_api_in_the_callers_name() {
    let (issuer, _program, origin) = start("on_behalf_of", &[]).await;
    let report = format!("{origin}/report");
    let token = issuer.token().claim("sub", "alice").sign();
    for _ in 0..2 {
        let answer = Client::new().get(&report).bearer_auth(&token).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        let body: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        assert_eq!(body, json!({ "items": ["hammer"], "of": "alice", "asked_by": "reports" }));
    }
    assert_eq!(issuer.token_requests().len(), 1, "the second report is made with the cached token");
    assert_eq!(reqwest::get(&report).await.unwrap().status(), StatusCode::UNAUTHORIZED);

    issuer.fail_token(Fault::Status(StatusCode::BAD_REQUEST));
    let answer = Client::new().get(&report).bearer_auth(issuer.token().sign()).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::BAD_GATEWAY);
}

#[tokio::test]
async fn token_vault_calls_the_provider_with_its_own_token() {
    let seen = Arc::<Mutex<Vec<String>>>::default();
    let upstream = async |State(seen): State<Arc<Mutex<Vec<String>>>>, headers: HeaderMap| {
        seen.lock().unwrap().push(headers["authorization"].to_str().unwrap().to_owned());
        "nothing today"
    };
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let app = Router::new().route("/", get(upstream)).with_state(Arc::clone(&seen));
    tokio::spawn(async move { axum::serve(listener, app).await });

    let (issuer, _program, origin) = start("token_vault", &["google-oauth2", &url]).await;
    issuer.answer_token(json!({ "access_token": "upstream", "token_type": "Bearer", "expires_in": 60 }));
    // What Auth0 issues unless an API is set to RFC 9068.
    let token = issuer
        .token()
        .header("typ", "JWT")
        .claim("sub", "google-oauth2|alice")
        .claim("azp", "client-1")
        .claim("gty", "password")
        .scope("openid profile")
        .without("client_id")
        .without("jti")
        .audience(vec!["https://api.example.com", "https://tenant.auth0.com/userinfo"])
        .sign();
    let calendar = format!("{origin}/calendars/alice@example.com");
    let answer = Client::new().get(&calendar).bearer_auth(&token).send().await.unwrap();
    assert_eq!((answer.status(), answer.text().await.unwrap()), (StatusCode::OK, "nothing today".to_owned()));
    assert_eq!(*seen.lock().unwrap(), ["Bearer upstream"]);
    let sent = &issuer.token_requests()[0];
    assert_eq!((sent.field("connection"), sent.field("subject_token")), (Some("google-oauth2"), Some(&*token)));
    assert_eq!(sent.field("login_hint"), Some("alice@example.com"));
    assert_eq!(sent.field("client_id"), Some("reports"));
}
