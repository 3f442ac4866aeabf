//! Calls an upstream provider in the caller's name, with the token that Auth0's token vault keeps for it. Auth0's default
//! tokens are not those of RFC 9068, so the issuer has the profile `jwt`.
//! `CLIENT_SECRET=… cargo run --example token_vault -- ISSUER CLIENT_ID CONNECTION URL`; `PORT` sets the port.

use std::env;
use std::error::Error;

use axum::Router;
use axum::extract::FromRef;
use axum::extract::Path;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use claviger::AuthConfig;
use claviger::AuthLayer;
use claviger::Issuer;
use claviger::Profile;
use claviger_exchange::Caller;
use claviger_exchange::ClientAuthentication;
use claviger_exchange::Connection;
use claviger_exchange::ExchangeError;
use claviger_exchange::Exchanger;
use claviger_exchange::TokenEndpoint;
use tokio::net::TcpListener;

#[derive(Clone)]
struct Calendar {
    exchanger: Exchanger,
    connection: Connection,
    url: String,
}

impl FromRef<Calendar> for Exchanger {
    fn from_ref(calendar: &Calendar) -> Self {
        calendar.exchanger.clone()
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [issuer, client_id, connection, url] = &*arguments else {
        return Err("usage: CLIENT_SECRET=… token_vault ISSUER CLIENT_ID CONNECTION URL".into());
    };
    let client = ClientAuthentication::basic(client_id, env::var("CLIENT_SECRET")?);
    let exchanger = Exchanger::builder(TokenEndpoint::of_issuer(issuer), client).build()?;
    let state = Calendar { exchanger, connection: Connection::new(connection), url: url.clone() };
    let trusted = Issuer::new(issuer, "https://api.example.com").with_profile(Profile::Jwt);
    let cfg = AuthConfig::builder(trusted).keep_presented_token().build()?;
    let app = Router::new().route("/calendars/{account}", get(calendar)).with_state(state).layer(AuthLayer::new(cfg));

    let port = env::var("PORT").map_or(Ok(3000), |port| port.parse())?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("listening on http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, app).await?)
}

async fn calendar(
    State(calendar): State<Calendar>,
    Path(account): Path<String>,
    caller: Caller,
) -> Result<String, StatusCode> {
    // Which of the user's accounts at the provider, where there are several.
    let connection = calendar.connection.with_login_hint(account);
    let token = caller.connection_token(&connection).await.map_err(|error| told(&error))?;
    let client = reqwest::Client::new();
    let request = client.get(calendar.url).build().map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    let answer = token.send(&client, request).await.map_err(|_| StatusCode::BAD_GATEWAY)?;
    answer.text().await.map_err(|_| StatusCode::BAD_GATEWAY)
}

/// The caller's request was fine; the log tells what was not.
fn told(error: &ExchangeError) -> StatusCode {
    eprintln!("{error}");
    error.status()
}
