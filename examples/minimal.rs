//! The least that guards an API: `cargo run --example minimal -- ISSUER AUDIENCE`. `PORT` sets the port.

use std::env;
use std::error::Error;

use axum::Router;
use axum::routing::get;
use claviger::AuthConfig;
use claviger::AuthLayer;
use claviger::Claims;
use serde::Deserialize;
use tokio::net::TcpListener;

#[derive(Deserialize)]
struct User {
    sub: String,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let (Some(issuer), Some(audience)) = (arguments.next(), arguments.next()) else {
        return Err("usage: minimal ISSUER AUDIENCE".into());
    };
    let cfg = AuthConfig::new(issuer, audience)?;
    let app = Router::new().route("/hello", get(hello)).layer(AuthLayer::new(cfg));

    let port = env::var("PORT").map_or(Ok(3000), |port| port.parse())?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("listening on http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, app).await?)
}

async fn hello(Claims(user): Claims<User>) -> String {
    format!("hello {}\n", user.sub)
}
