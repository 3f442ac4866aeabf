//! An API behind Cloudflare Access: `cargo run --example cloudflare_access -- TEAM HOST AUDIENCE_TAG…`, or `-- develop
//! EMAIL` to be that user without Access, on this machine alone. `PORT` sets the port.
//!
//! The token comes in a field of its own, and from browsers in a cookie besides; the field decides where both are there.
//! Programs with a service token and people are two kinds of one principal.

use std::env;
use std::error::Error;

use axum::Router;
use axum::extract::Request;
use axum::middleware::map_request;
use axum::routing::get;
use claviger::AuthConfig;
use claviger::AuthLayer;
use claviger::Claims;
use claviger::Issuer;
use claviger::TokenSource;
use claviger::providers::cloudflare_access;
use claviger::providers::cloudflare_access::DevelopmentIdentity;
use claviger::providers::cloudflare_access::Principal;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let port = env::var("PORT").map_or(Ok(3000), |port| port.parse())?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    let app = match arguments.as_slice() {
        [word, email] if word == "develop" => {
            tracing_subscriber::fmt().with_writer(std::io::stderr).init();
            // Refused unless the listener is on loopback.
            let identity = DevelopmentIdentity::new(listener.local_addr()?, email)?;
            let sign_in = {
                let identity = identity.clone();
                move |mut request: Request| {
                    identity.sign_in(&mut request);
                    std::future::ready(request)
                }
            };
            api(identity.issuer(), "localhost")?.layer(map_request(sign_in))
        }
        [team, host, tag, tags @ ..] => {
            // Several applications of the team may stand in front of one API.
            let issuer = cloudflare_access::issuer(team, tag);
            api(tags.iter().fold(issuer, |issuer, tag| issuer.add_audience(tag)), host)?
        }
        _ => return Err("usage: cloudflare_access TEAM HOST AUDIENCE_TAG…, or cloudflare_access develop EMAIL".into()),
    };
    println!("listening on http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, app).await?)
}

fn api(issuer: Issuer, host: &str) -> Result<Router, Box<dyn Error>> {
    let cfg = AuthConfig::builder(issuer)
        .with_sources([TokenSource::header(cloudflare_access::HEADER), TokenSource::cookie(cloudflare_access::COOKIE)])
        // Whose pages may change things with the cookie.
        .with_hosts([host])
        .build()?;
    let auth = AuthLayer::new(cfg).with_claims::<Principal>();
    Ok(Router::new().route("/", get(greet)).layer(auth))
}

async fn greet(Claims(principal): Claims<Principal>) -> String {
    match &*principal {
        Principal::User(user) => format!("hello {}\n", user.email),
        Principal::Service(service) => format!("hello program {}\n", service.common_name),
    }
}
