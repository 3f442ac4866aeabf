//! Tokens that are useless to thieves (RFC 9449), with the issuer, the API and its client in one process: `cargo run
//! --example dpop`.
//!
//! The token is bound to a key of the client, which signs a proof for each request: for this method, this address and this
//! token, with a nonce of the API, and good for one use.

use std::error::Error;

use axum::Router;
use axum::routing::get;
use claviger::AuthConfig;
use claviger::AuthLayer;
use claviger::Claims;
use claviger::DpopMode;
use claviger::DpopSettings;
use claviger::Issuer;
use claviger::authenticate::Authentication;
use claviger_testing::DpopClient;
use claviger_testing::TestIssuer;
use reqwest::Client;
use reqwest::Request;
use reqwest::Response;
use reqwest::header::WWW_AUTHENTICATE;
use serde::Deserialize;
use tokio::net::TcpListener;

#[derive(Deserialize)]
struct User {
    sub: String,
}

async fn hello(Claims(user): Claims<User>, auth: Authentication) -> String {
    let key = auth.token().and_then(|token| token.key_thumbprint()).unwrap_or_default();
    format!("hello {}, who holds the key {key}", user.sub)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let issuer = TestIssuer::start().await;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let origin = format!("http://{}", listener.local_addr()?);
    // Behind several instances the nonces need a secret in common, and the replay store must be one that they share.
    let dpop = DpopSettings::new(DpopMode::Required).require_nonce([]);
    let cfg =
        AuthConfig::builder(Issuer::new(issuer.url(), AUDIENCE)).with_public_url(&origin).with_dpop(dpop).build()?;
    let app = Router::new().route("/hello", get(hello)).layer(AuthLayer::new(cfg));
    tokio::spawn(async move { axum::serve(listener, app).await });

    let client = DpopClient::new();
    let token = issuer.token().claim("sub", "alice").claim("cnf", client.confirmation()).sign();
    let url = format!("{origin}/hello?lang=en");
    println!("the key of the client: {}", client.thumbprint());

    tell("a thief, with the token alone", Client::new().get(&url).bearer_auth(&token).send().await?).await?;
    let first = Client::new().execute(request(&client, &url, &token)?).await?;
    client.follow(first.headers());
    tell("the client, without a nonce", first).await?;
    let second = request(&client, &url, &token)?;
    let captured = second.try_clone().ok_or("a request without a body can be cloned")?;
    tell("the client, with the nonce", Client::new().execute(second).await?).await?;
    tell("a thief, with the whole request", Client::new().execute(captured).await?).await?;
    Ok(())
}

/// What a client that knows DPoP sends: the token, and a new proof.
fn request(client: &DpopClient, url: &str, token: &str) -> Result<Request, Box<dyn Error>> {
    let mut request = http::Request::get(url).body("")?;
    client.authorize(&mut request, token);
    Ok(request.try_into()?)
}

async fn tell(who: &str, response: Response) -> Result<(), Box<dyn Error>> {
    let status = response.status();
    let challenge =
        response.headers().get(WWW_AUTHENTICATE).map(|field| field.to_str().map(str::to_owned)).transpose()?;
    let heard = match challenge {
        Some(challenge) => challenge,
        None => response.text().await?,
    };
    println!("{who}: {status}, {heard}");
    Ok(())
}

/// What the API is called in its tokens; the issuer mints for this audience unless told otherwise.
const AUDIENCE: &str = "https://api.example.com";
