//! The layer around a plain hyper service: `cargo run --example without_axum -- ISSUER AUDIENCE`. `PORT` sets the port.

use std::convert::Infallible;
use std::env;
use std::error::Error;

use bytes::Bytes;
use claviger::AuthConfig;
use claviger::AuthLayer;
use claviger::Claims;
use claviger::RequireScopeLayer;
use claviger::ScopePolicy;
use http::Request;
use http::Response;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use serde::Deserialize;
use tokio::net::TcpListener;
use tower::Layer;
use tower::service_fn;

#[derive(Deserialize)]
struct User {
    sub: String,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let (Some(issuer), Some(audience)) = (arguments.next(), arguments.next()) else {
        return Err("usage: without_axum ISSUER AUDIENCE".into());
    };
    // The claims stand in the extensions of the request, because the layer was told their type.
    let auth = AuthLayer::new(AuthConfig::new(issuer, audience)?).with_claims::<User>();
    let guard = RequireScopeLayer::new(ScopePolicy::all_of(["read:reports"])?);
    let service = auth.layer(guard.layer(service_fn(reports)));

    let port = env::var("PORT").map_or(Ok(3000), |port| port.parse())?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("listening on http://{}", listener.local_addr()?);
    loop {
        let (connection, _) = listener.accept().await?;
        let service = TowerToHyperService::new(service.clone());
        tokio::spawn(async move {
            if let Err(error) = http1::Builder::new().serve_connection(TokioIo::new(connection), service).await {
                eprintln!("a connection broke: {error}");
            }
        });
    }
}

async fn reports(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let whose = request.extensions().get::<Claims<User>>().map_or("nobody", |user| user.sub.as_str());
    Ok(Response::new(Full::from(format!("the reports of {whose}\n"))))
}
