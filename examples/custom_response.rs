//! Refusals in the application's own form: `cargo run --example custom_response -- ISSUER AUDIENCE`. `PORT` sets the
//! port.
//!
//! Only the body and the fields that describe it are the application's. Status, `WWW-Authenticate`, `Retry-After` and
//! `Cache-Control` are put on afterwards, so they cannot be forgotten.

use std::env;
use std::error::Error;

use axum::Router;
use axum::routing::get;
use bytes::Bytes;
use claviger::AuthConfig;
use claviger::AuthLayer;
use claviger::Issuer;
use claviger::respond::Refused;
use http::HeaderValue;
use http::Response;
use http::header::CONTENT_TYPE;
use serde_json::json;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let (Some(issuer), Some(audience)) = (arguments.next(), arguments.next()) else {
        return Err("usage: custom_response ISSUER AUDIENCE".into());
    };
    let cfg = AuthConfig::builder(Issuer::new(issuer, audience)).with_responder(house_style).build()?;
    let app = Router::new().route("/", get(|| async { "in\n" })).layer(AuthLayer::new(cfg));

    let port = env::var("PORT").map_or(Ok(3000), |port| port.parse())?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("listening on http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, app).await?)
}

/// The reason stays in the log: a client that hears which check failed learns how to forge.
fn house_style(refused: &Refused) -> Response<Bytes> {
    let body = json!({ "ok": false, "code": refused.status().as_u16(), "message": refused.detail() });
    let mut response = Response::new(Bytes::from(body.to_string()));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
