//! A small API guarded by a configuration file: `cargo run --example resource_server -- --config FILE [--listen ADDR]`.

use std::error::Error;
use std::io::stderr;
use std::net::SocketAddr;
use std::process::exit;

use axum::Json;
use axum::Router;
use axum::routing;
use claviger::AuthConfig;
use claviger::AuthLayer;
use claviger::Claims;
use claviger::KeyStatus;
use claviger::Verifier;
use claviger::policy;
use claviger::require_scope;
use claviger::routes::Routes;
use claviger::routes::get;
use serde_json::Value;
use serde_json::json;
use serde_json::value::RawValue;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().with_writer(stderr).init();
    let (cfg, address) = configured().unwrap_or_else(|problem| {
        eprintln!("{problem}");
        exit(2)
    });
    let listener = TcpListener::bind(address).await?;
    println!("listening on http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, api(cfg).into_make_service_with_connect_info::<SocketAddr>()).await?)
}

fn configured() -> Result<(AuthConfig, String), Box<dyn Error>> {
    let (mut file, mut address) = (None, "127.0.0.1:3000".to_owned());
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let value = arguments.next().ok_or(USAGE)?;
        match argument.as_str() {
            "--config" => file = Some(value),
            "--listen" => address = value,
            _ => return Err(USAGE.into()),
        }
    }
    let file = file.ok_or(USAGE)?;
    let in_file = |problem: &dyn Error| format!("{file}: {problem}");
    let text = std::fs::read_to_string(&file).map_err(|problem| in_file(&problem))?;
    let cfg = AuthConfig::read_toml(&text).map_err(|problem| in_file(&problem))?;
    Ok((cfg, address))
}

/// `/status` is open, and `/claims` for everybody whom the configuration lets in; what the others demand stands above
/// them.
fn api(cfg: AuthConfig) -> Router {
    let (verifier, auth) = (cfg.verifier().clone(), AuthLayer::new(cfg));
    let orders = routing::get(|| async { Json(json!({ "orders": [] })) });
    let orders = orders.post(|| async { Json(json!({ "ordered": true })) });
    let routes = Routes::new()
        .route("/reports", get(reports).post(write_report))
        .guarded("/orders", policy!("orders:read"), orders)
        .open("/status", routing::get(async move || Json(status(&verifier))));
    // In this order the metadata name the scopes of the guards: axum keeps the fallback of what is merged in.
    Router::new().route("/claims", routing::get(claims)).layer(auth.clone()).merge(routes.into_router(auth))
}

#[require_scope("read:reports")]
async fn reports() -> Json<Value> {
    Json(json!({ "reports": ["first", "second"] }))
}

#[require_scope("write:reports")]
async fn write_report() -> Json<Value> {
    Json(json!({ "written": true }))
}

/// The payload as it was signed: no number is rounded on its way.
async fn claims(claims: Option<Claims<Box<RawValue>>>) -> Json<Option<Box<RawValue>>> {
    Json(claims.map(|Claims(payload)| (*payload).clone()))
}

fn status(verifier: &Verifier) -> Value {
    let issuer = |keys: &KeyStatus| {
        json!({
            "issuer": keys.issuer,
            "state": keys.state.as_str(),
            "key_ids": keys.key_ids,
            "generation": keys.generation,
            "age_seconds": keys.age.map(|age| age.as_secs()),
            "last_error": keys.last_error.as_ref().map(|error| error.kind().as_str()),
        })
    };
    json!({ "issuers": verifier.status().iter().map(issuer).collect::<Vec<_>>() })
}

const USAGE: &str = "usage: resource_server --config FILE [--listen ADDR]";
