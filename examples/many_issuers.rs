//! One API, several issuers that come and go: `cargo run --example many_issuers -- AUDIENCE ISSUER…`. `PORT` sets the
//! port.
//!
//! `GET /whoami` answers who a token is of. `GET /issuers` tells how their keys stand, `PUT /issuers` believes another
//! issuer from then on and `DELETE /issuers` no longer, each named in the body. A real service has those three at a port
//! that only its operators reach.

use std::env;
use std::error::Error;

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use claviger::AuthConfig;
use claviger::AuthLayer;
use claviger::Issuer;
use claviger::Verifier;
use claviger::authenticate::Authentication;
use serde_json::Value;
use serde_json::json;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let Some(audience) = arguments.next() else {
        return Err("usage: many_issuers AUDIENCE ISSUER…".into());
    };
    let cfg = AuthConfig::for_issuers(arguments.map(|issuer| Issuer::new(issuer, &audience))).build()?;
    let operated = Operated { verifier: cfg.verifier().clone(), audience };
    // The operators' routes come after the layer, so they are open to whoever reaches this port.
    let app = Router::new()
        .route("/whoami", get(whoami))
        .layer(AuthLayer::new(cfg))
        .route("/issuers", get(list).put(add).delete(remove))
        .with_state(operated);

    let port = env::var("PORT").map_or(Ok(3000), |port| port.parse())?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("listening on http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, app).await?)
}

#[derive(Clone)]
struct Operated {
    verifier: Verifier,
    audience: String,
}

/// A subject is unique only together with its issuer (RFC 8725, section 3.8).
async fn whoami(mark: Authentication) -> Result<Json<Value>, StatusCode> {
    let token = mark.token().ok_or(StatusCode::UNAUTHORIZED)?;
    Ok(Json(json!({ "issuer": token.issuer(), "subject": token.subject() })))
}

async fn list(State(operated): State<Operated>) -> Json<Value> {
    let keys = |status: claviger::KeyStatus| (status.issuer, json!(status.state.as_str()));
    Json(Value::Object(operated.verifier.status().into_iter().map(keys).collect()))
}

async fn add(State(operated): State<Operated>, issuer: String) -> (StatusCode, String) {
    match operated.verifier.add_issuer(Issuer::new(issuer, operated.audience)) {
        Ok(()) => (StatusCode::CREATED, String::new()),
        Err(problems) => (StatusCode::UNPROCESSABLE_ENTITY, format!("{problems}\n")),
    }
}

async fn remove(State(operated): State<Operated>, issuer: String) -> StatusCode {
    if operated.verifier.remove_issuer(&issuer) { StatusCode::NO_CONTENT } else { StatusCode::NOT_FOUND }
}
