//! Several instances of an API that accept a proof once among them, because they share a Redis: `cargo run --example
//! dpop_fleet --features redis`, with `REDIS_URL` unless that is `redis://127.0.0.1:6379`.
//!
//! The client talks to one address, and whatever stands before the instances sends each request to any of them. A thief
//! who has captured a whole request tries it at another instance than its sender did.

use std::env;
use std::error::Error;

use axum::Router;
use axum::routing::get;
use claviger::AuthConfig;
use claviger::AuthLayer;
use claviger::Claims;
use claviger::DpopMode;
use claviger::DpopSettings;
use claviger::Issuer;
use claviger::NonceSecret;
use claviger::redis::Redis;
use claviger_testing::DpopClient;
use claviger_testing::TestIssuer;
use futures_util::future::join_all;
use http::HeaderMap;
use reqwest::Client;
use reqwest::Response;
use serde::Deserialize;
use tokio::net::TcpListener;

#[derive(Deserialize)]
struct User {
    sub: String,
}

async fn hello(Claims(user): Claims<User>) -> String {
    format!("hello {}", user.sub)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let issuer = TestIssuer::start().await;
    let redis_url = env::var("REDIS_URL").unwrap_or_else(|_| "redis://127.0.0.1:6379".to_owned());
    let (first, second) = (instance(&issuer, &redis_url).await?, instance(&issuer, &redis_url).await?);

    let client = DpopClient::new();
    let token = issuer.token().claim("sub", "alice").claim("cnf", client.confirmation()).sign();
    client.follow(send(&first, request(&client, &token)?).await?.headers());
    let captured = request(&client, &token)?;
    tell("the client, at the second", send(&second, captured.clone()).await?).await?;
    tell("a thief, at the first", send(&first, captured).await?).await?;

    let fields = request(&client, &token)?;
    let copies = (0..100).map(|at| send([&first, &second][at % 2], fields.clone()));
    let answers = join_all(copies).await.into_iter().collect::<Result<Vec<_>, _>>()?;
    let accepted = answers.iter().filter(|answer| answer.status().is_success()).count();
    println!("a hundred copies of another request, at both at once: {accepted} accepted");
    Ok(())
}

/// An instance at an address of its own, configured like all others: the address that clients know, the secret of the
/// nonces, and the Redis are theirs together.
async fn instance(issuer: &TestIssuer, redis_url: &str) -> Result<String, Box<dyn Error>> {
    let redis = Redis::open(redis_url)?;
    let dpop = DpopSettings::new(DpopMode::Required)
        .require_nonce([NonceSecret::new("known to all instances, and read from a file elsewhere")])
        .with_replay_store(redis.replay_store());
    let cfg = AuthConfig::builder(Issuer::new(issuer.url(), ORIGIN))
        .with_public_url(ORIGIN)
        .with_dpop(dpop)
        .with_key_store(redis.key_store())
        .build()?;
    let app = Router::new().route("/hello", get(hello)).layer(AuthLayer::new(cfg));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = format!("http://{}", listener.local_addr()?);
    tokio::spawn(async move { axum::serve(listener, app).await });
    Ok(address)
}

/// The fields of a request to the address that clients know: the token, and a new proof.
fn request(client: &DpopClient, token: &str) -> Result<HeaderMap, http::Error> {
    let mut request = http::Request::get(format!("{ORIGIN}/hello")).body(())?;
    client.authorize(&mut request, token);
    Ok(request.into_parts().0.headers)
}

/// What stands before the instances hands it on to one of them.
async fn send(instance: &str, fields: HeaderMap) -> Result<Response, reqwest::Error> {
    Client::new().get(format!("{instance}/hello")).headers(fields).send().await
}

async fn tell(who: &str, response: Response) -> Result<(), Box<dyn Error>> {
    println!("{who}: {}, {}", response.status(), response.text().await?);
    Ok(())
}

const ORIGIN: &str = "https://api.example.com";
