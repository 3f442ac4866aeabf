//! An issuer and an API that it guards, in one process and on loopback alone: `cargo run --example quickstart`.
//! `PORT` sets the port.

use std::env;
use std::error::Error;
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

#[derive(Deserialize)]
struct User {
    sub: String,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let issuer = TestIssuer::start().await;
    let cfg = AuthConfig::new(issuer.url(), AUDIENCE)?;
    let app = Router::new()
        .route("/reports", get(reports))
        .route_layer(RequireScopeLayer::new(ScopePolicy::all_of(["read:reports"])?))
        .layer(AuthLayer::new(cfg));

    let port = env::var("PORT").map_or(Ok(3000), |port| port.parse())?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
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

async fn reports(Claims(user): Claims<User>) -> String {
    format!("the reports of {}\n", user.sub)
}

fn token(issuer: &TestIssuer, scope: &str) -> String {
    issuer.token().claim("sub", "alice").scope(scope).expires_in(Duration::from_secs(3600)).sign()
}

/// What the API is called in its tokens; the issuer mints for this audience unless told otherwise.
const AUDIENCE: &str = "https://api.example.com";
