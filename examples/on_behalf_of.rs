//! Two APIs: the first one calls the second one in the caller's name, with an exchanged token.
//! `CLIENT_SECRET=… cargo run --example on_behalf_of -- ISSUER CLIENT_ID`; `PORT` sets the port of the first.

use std::env;
use std::error::Error;

use axum::Json;
use axum::Router;
use axum::extract::FromRef;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use claviger::AuthConfig;
use claviger::AuthLayer;
use claviger::Issuer;
use claviger::authenticate::Authentication;
use claviger_exchange::Caller;
use claviger_exchange::ClientAuthentication;
use claviger_exchange::ExchangeError;
use claviger_exchange::Exchanger;
use claviger_exchange::OnBehalfOf;
use claviger_exchange::TokenEndpoint;
use serde_json::Value;
use serde_json::json;
use tokio::net::TcpListener;

/// The state of the first API.
#[derive(Clone)]
struct Reports {
    exchanger: Exchanger,
    http: reqwest::Client,
    inventory: String,
}

impl FromRef<Reports> for Exchanger {
    fn from_ref(reports: &Reports) -> Self {
        reports.exchanger.clone()
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let (Some(issuer), Some(client_id)) = (arguments.next(), arguments.next()) else {
        return Err("usage: CLIENT_SECRET=… on_behalf_of ISSUER CLIENT_ID".into());
    };

    // The second API: only the first one may call it, for whomever.
    let cfg = AuthConfig::new(&*issuer, "https://inventory.example.com")?;
    let app = Router::new().route("/items", get(items)).with_state(client_id.clone()).layer(AuthLayer::new(cfg));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let inventory = format!("http://{}/items", listener.local_addr()?);
    tokio::spawn(async move { axum::serve(listener, app).await });

    // The first API keeps its callers' tokens for the exchange.
    let client = ClientAuthentication::basic(client_id, env::var("CLIENT_SECRET")?);
    let exchanger = Exchanger::builder(TokenEndpoint::of_issuer(&*issuer), client).with_cache(1000).build()?;
    let state = Reports { exchanger, http: reqwest::Client::new(), inventory };
    let cfg = AuthConfig::builder(Issuer::new(issuer, "https://api.example.com")).keep_presented_token().build()?;
    let app = Router::new().route("/report", get(report)).with_state(state).layer(AuthLayer::new(cfg));

    let port = env::var("PORT").map_or(Ok(3000), |port| port.parse())?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("listening on http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, app).await?)
}

async fn report(State(reports): State<Reports>, caller: Caller) -> Result<String, Failed> {
    let token = caller.on_behalf_of(&OnBehalfOf::new("https://inventory.example.com")).await?;
    let answer = token.send(&reports.http, reports.http.get(&reports.inventory).build()?).await?;
    Ok(answer.error_for_status()?.text().await?)
}

async fn items(State(reports): State<String>, authentication: Authentication) -> Result<Json<Value>, StatusCode> {
    let token = authentication.token().ok_or(StatusCode::FORBIDDEN)?;
    let actors = token.actors().ok().flatten().ok_or(StatusCode::FORBIDDEN)?;
    if actors.current().subject() != reports {
        return Err(StatusCode::FORBIDDEN);
    }
    Ok(Json(json!({ "items": ["hammer"], "of": token.subject(), "asked_by": actors.current().subject() })))
}

/// The caller's request was fine; the log tells what was not.
struct Failed(Box<dyn Error>);

impl<E: Into<Box<dyn Error>>> From<E> for Failed {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl axum::response::IntoResponse for Failed {
    fn into_response(self) -> axum::response::Response {
        eprintln!("{}", self.0);
        let exchange = self.0.downcast_ref::<ExchangeError>();
        exchange.map_or(StatusCode::BAD_GATEWAY, ExchangeError::status).into_response()
    }
}
