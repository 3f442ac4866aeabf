//! An issuer and an API that it guards, in one process and on loopback alone: `cargo run --example quickstart`.
//! `PORT` sets the port. Refusals are logged to the standard error.

use std::env;
use std::error::Error;
use std::io::stderr;
use std::process::exit;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use claviger::AuthConfig;
use claviger::AuthLayer;
use claviger::Claims;
use claviger::RequireScopeLayer;
use claviger::ScopePolicy;
use claviger_testing::TestIssuer;
use serde::Deserialize;
use tokio::net::TcpListener;
use tracing_subscriber::filter::LevelFilter;

#[derive(Deserialize)]
struct User {
    sub: String,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // Refusals are at `info`, those of requests without credentials at `debug`.
    tracing_subscriber::fmt().with_writer(stderr).with_max_level(LevelFilter::DEBUG).init();
    let listener = listen().await.unwrap_or_else(|problem| {
        eprintln!("{problem}");
        exit(1)
    });
    let issuer = TestIssuer::start().await;
    let cfg = AuthConfig::new(issuer.url(), AUDIENCE)?;
    let app = Router::new()
        .route("/reports", get(reports))
        .route_layer(RequireScopeLayer::new(ScopePolicy::all_of(["read:reports"])?))
        .layer(AuthLayer::new(cfg));

    let reports = format!("http://{}/reports", listener.local_addr()?);
    println!("An API that trusts the issuer {}. Paste these:\n", issuer.url());
    println!("# a token with the scope that the route needs: 200");
    println!("curl -i {reports} -H 'Authorization: Bearer {}'\n", token(&issuer, "read:reports"));
    println!("# no token: 401, and a challenge");
    println!("curl -i {reports}\n");
    println!("# a token with another scope: 403, and the scope that is missing");
    println!("curl -i {reports} -H 'Authorization: Bearer {}'\n", token(&issuer, "read:orders"));
    Ok(axum::serve(listener, app).await?)
}

async fn listen() -> Result<TcpListener, String> {
    let port = env::var("PORT").unwrap_or_else(|_| "3000".to_owned());
    let number: u16 = port.parse().map_err(|_| format!("PORT must be the number of a port, and is {port:?}"))?;
    let taken = |error| format!("cannot listen on port {number}: {error}; set PORT to use another one");
    TcpListener::bind(("127.0.0.1", number)).await.map_err(taken)
}

async fn reports(Claims(user): Claims<User>) -> String {
    format!("the reports of {}\n", user.sub)
}

fn token(issuer: &TestIssuer, scope: &str) -> String {
    issuer.token().claim("sub", "alice").scope(scope).expires_in(Duration::from_secs(3600)).sign()
}

/// What the API is called in its tokens; the issuer mints for this audience unless told otherwise.
const AUDIENCE: &str = "https://api.example.com";
