//! Step-up authentication (RFC 9470), with the issuer, the API and its client in one process: `cargo run --example
//! step_up`.
//!
//! The user has authenticated with a password, which is not enough to pay. The client learns from the 401 what would do,
//! lets the user authenticate that way, and comes again with a new token.

use std::error::Error;
use std::time::Duration;
use std::time::SystemTime;

use axum::Router;
use axum::routing::post;
use claviger::AuthConfig;
use claviger::AuthLayer;
use claviger::Claims;
use claviger::require_scope;
use claviger_testing::TestIssuer;
use http_auth::parse_challenges;
use reqwest::Client;
use reqwest::Response;
use reqwest::header::HeaderValue;
use reqwest::header::WWW_AUTHENTICATE;
use serde::Deserialize;
use tokio::net::TcpListener;

#[derive(Deserialize)]
struct User {
    sub: String,
}

#[require_scope("pay", acr("hardware_key", "one_time_code"), max_age = "5m")]
async fn pay(Claims(user): Claims<User>) -> String {
    format!("paid by {}", user.sub)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let issuer = TestIssuer::start().await;
    let cfg = AuthConfig::new(issuer.url(), AUDIENCE)?;
    let app = Router::new().route("/payments", post(pay)).layer(AuthLayer::new(cfg));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let payments = format!("http://{}/payments", listener.local_addr()?);
    tokio::spawn(async move { axum::serve(listener, app).await });

    let an_hour_ago = SystemTime::now() - Duration::from_secs(3600);
    let refused = send(&payments, &token(&issuer, "password", an_hour_ago)?).await?;
    println!("with a password, an hour ago: {}", refused.status());
    // One challenge for each scheme; the parameters stand in that of the scheme that was used, which comes first.
    let challenge = refused.headers().get(WWW_AUTHENTICATE).map_or(Ok(""), HeaderValue::to_str)?;
    let parameter = |name: &str| parameter(challenge, name);
    let (Some(acr_values), Some(max_age)) = (parameter("acr_values")?, parameter("max_age")?) else {
        return Err(format!("no step-up in {challenge}").into());
    };
    println!("needed: {acr_values}, within {max_age} s");

    // A real client sends both to the issuer's authorization endpoint, where the user authenticates once more.
    let preferred = acr_values.split(' ').next().unwrap_or_default();
    let accepted = send(&payments, &token(&issuer, preferred, SystemTime::now())?).await?;
    println!("with {preferred}, just now: {}", accepted.status());
    println!("{}", accepted.text().await?);
    Ok(())
}

async fn send(url: &str, token: &str) -> reqwest::Result<Response> {
    Client::new().post(url).bearer_auth(token).send().await
}

fn token(issuer: &TestIssuer, acr: &str, authenticated: SystemTime) -> Result<String, Box<dyn Error>> {
    let auth_time = authenticated.duration_since(SystemTime::UNIX_EPOCH)?.as_secs();
    let token = issuer.token().claim("sub", "alice").scope("pay");
    Ok(token.claim("acr", acr).claim("auth_time", auth_time).sign())
}

fn parameter(challenge: &str, name: &str) -> Result<Option<String>, Box<dyn Error>> {
    let challenges = parse_challenges(challenge).map_err(|error| error.to_string())?;
    let mut parameters = challenges.iter().flat_map(|challenge| &challenge.params);
    Ok(parameters.find(|(found, _)| *found == name).map(|(_, value)| value.to_unescaped()))
}

/// What the API is called in its tokens; the issuer mints for this audience unless told otherwise.
const AUDIENCE: &str = "https://api.example.com";
