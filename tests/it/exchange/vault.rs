//! Tokens of upstream providers.

use std::time::Duration;
use std::time::SystemTime;

use bytes::Bytes;
use claviger_exchange::Connection;
use claviger_exchange::ExchangeError;
use claviger_testing::Fault;
use http::Response;
use http::StatusCode;
use secrecy::ExposeSecret;
use secrecy::SecretString;
use serde_json::json;

use super::CLIENT_ID;
use super::World;
use super::problems;
use crate::support::NOW;

const FEDERATED: &str = "http://auth0.com/oauth/token-type/federated-connection-access-token";

fn google() -> Connection {
    Connection::new("google-oauth2")
}

#[tokio::test]
async fn the_grant_of_the_vault_is_sent_with_the_callers_token() {
    let world = World::new().await;
    let token = world.issuer.token().sign();
    let caller = world.verified(&token).await;
    world.exchanger.connection_token(&caller, &google()).await.unwrap();
    let sent = world.sent();
    let expected = [
        ("grant_type", "urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-token"),
        ("connection", "google-oauth2"),
        ("subject_token", &*token),
        ("subject_token_type", "urn:ietf:params:oauth:token-type:access_token"),
        ("requested_token_type", FEDERATED),
        // As the SDKs of this provider send it, beside the credentials in the field.
        ("client_id", CLIENT_ID),
    ];
    for (name, value) in expected {
        assert_eq!(sent.fields(name).collect::<Vec<_>>(), [value], "{name}");
    }
    assert_eq!(sent.names().count(), expected.len());
    assert!(sent.headers()["authorization"].to_str().unwrap().starts_with("Basic "));

    let hinted = google().with_login_hint("alice@example.com");
    world.exchanger.connection_token_of(&SecretString::from("opaque"), &hinted).await.unwrap();
    let sent = &world.issuer.token_requests()[1];
    assert_eq!(sent.field("login_hint"), Some("alice@example.com"));
    assert_eq!(sent.field("subject_token"), Some("opaque"));
}

#[tokio::test]
async fn connection_and_token_are_needed_and_nothing_is_sent_without() {
    let world = World::new().await;
    let (token, none) = (SecretString::from("token"), SecretString::from(""));
    for (token, connection, expected) in [
        (&none, google(), "subject_token"),
        (&SecretString::from("Bearer token"), google(), "subject_token"),
        (&token, Connection::new(""), "connection"),
        (&token, Connection::new(" "), "connection"),
        (&token, google().with_login_hint(" "), "login_hint"),
    ] {
        let found = problems(world.exchanger.connection_token_of(token, &connection).await);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].0, expected);
    }
    world.assert_nothing_was_sent();
}

#[tokio::test]
async fn an_answer_has_a_token_and_an_hour_unless_it_says_otherwise() {
    let world = World::new().await;
    let token = SecretString::from("token");
    world.issuer.answer_token(json!({ "access_token": "upstream" }));
    let upstream = world.exchanger.connection_token_of(&token, &google()).await.unwrap();
    assert_eq!(upstream.secret().expose_secret(), "upstream");
    assert_eq!(upstream.expires_at(), Some(SystemTime::UNIX_EPOCH + Duration::from_secs(NOW + 3600)));
    assert_eq!(upstream.scope(), None);

    world.issuer.answer_token(json!({ "access_token": "upstream", "expires_in": "60", "scope": "calendar" }));
    let upstream = world.exchanger.connection_token_of(&token, &google()).await.unwrap();
    assert_eq!(upstream.expires_at(), Some(SystemTime::UNIX_EPOCH + Duration::from_secs(NOW + 60)));
    assert_eq!(upstream.scope(), Some("calendar"));
}

#[tokio::test]
async fn a_refusal_without_a_code_is_a_connection_token_error() {
    let world = World::new().await;
    let refused = Response::builder().status(StatusCode::UNAUTHORIZED).body(Bytes::from_static(b"<html>")).unwrap();
    world.issuer.fail_token(Fault::Answer(refused));
    let error = world.exchanger.connection_token_of(&SecretString::from("token"), &google()).await.unwrap_err();
    let (status, code) = (StatusCode::UNAUTHORIZED, "connection_token_error".to_owned());
    assert_eq!(error, ExchangeError::Refused { status, code, description: None });
}
