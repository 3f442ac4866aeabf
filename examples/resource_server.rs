//! A small API guarded by a configuration file: `cargo run --example resource_server -- --config FILE [--listen ADDR]`.

use std::env;
use std::error::Error;
use std::io::stderr;
use std::process::exit;

use axum::Json;
use axum::Router;
use axum::routing::get;
use axum::routing::post;
use claviger::AuthConfig;
use claviger::AuthLayer;
use claviger::Claims;
use claviger::InvalidPolicy;
use claviger::KeyStatus;
use claviger::RequireScopeLayer;
use claviger::ScopePolicy;
use claviger::Verifier;
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
    Ok(axum::serve(listener, api(cfg)?).await?)
}

fn configured() -> Result<(AuthConfig, String), Box<dyn Error>> {
    let (mut file, mut address) = (None, "127.0.0.1:3000".to_owned());
    let mut arguments = env::args().skip(1);
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
    let document = toml::Deserializer::parse(&text).map_err(|problem| in_file(&problem))?;
    let cfg = AuthConfig::read(document).map_err(|problem| in_file(&problem))?;
    Ok((cfg, address))
}

/// The layer comes last, so that it covers every route but `/status`, which is open.
fn api(cfg: AuthConfig) -> Result<Router, InvalidPolicy> {
    let needs = |scope| ScopePolicy::all_of([scope]).map(RequireScopeLayer::new);
    let reports = get(|| async { Json(json!({ "reports": ["first", "second"] })) })
        .route_layer(needs("read:reports")?)
        .merge(post(|| async { Json(json!({ "written": true })) }).route_layer(needs("write:reports")?));
    let orders = get(|| async { Json(json!({ "orders": [] })) })
        .post(|| async { Json(json!({ "ordered": true })) })
        .route_layer(needs("orders:read")?);
    let verifier = cfg.verifier().clone();
    Ok(Router::new()
        .route("/claims", get(claims))
        .route("/reports", reports)
        .route("/orders", orders)
        .layer(AuthLayer::new(cfg))
        .route("/status", get(async move || Json(status(&verifier)))))
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
