//! A health route from the state of the keys: `cargo run --example readiness -- ISSUER AUDIENCE`. `PORT` sets the port.
//!
//! The service has its keys before it listens, if it can get them; if not, it starts all the same and says at `/ready`
//! that it is not.

use std::env;
use std::error::Error;

use axum::Json;
use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use claviger::AuthConfig;
use claviger::AuthLayer;
use claviger::KeyState;
use claviger::KeyStatus;
use claviger::Verifier;
use serde_json::Value;
use serde_json::json;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let (Some(issuer), Some(audience)) = (arguments.next(), arguments.next()) else {
        return Err("usage: readiness ISSUER AUDIENCE".into());
    };
    let cfg = AuthConfig::new(issuer, audience)?;
    let verifier = cfg.verifier().clone();
    let auth = AuthLayer::new(cfg);
    if let Err(problem) = auth.ready().await {
        eprintln!("not ready yet: {problem}");
    }
    // The health route comes after the layer, so it is open.
    let app = Router::new()
        .route("/", get(|| async { "in\n" }))
        .layer(auth)
        .route("/ready", get(async move || readiness(&verifier)));

    let port = env::var("PORT").map_or(Ok(3000), |port| port.parse())?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("listening on http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, app).await?)
}

/// Ready while every issuer's tokens can be judged; keys that are stale serve too.
fn readiness(verifier: &Verifier) -> (StatusCode, Json<Value>) {
    let status = verifier.status();
    let serves = |keys: &KeyStatus| !matches!(keys.state, KeyState::Empty | KeyState::Expired);
    let code = if status.iter().all(serves) { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let issuers: Vec<_> =
        status.iter().map(|keys| json!({ "issuer": keys.issuer, "keys": keys.state.as_str() })).collect();
    (code, Json(json!({ "issuers": issuers })))
}
