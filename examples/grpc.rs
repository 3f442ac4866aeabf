//! A gRPC service behind the layer, and a client that calls it without a token, without the scope, and with both:
//! `cargo run --example grpc --features grpc`. With `ISSUER`, it serves clients of that issuer instead, on `PORT`.
//!
//! The service is that of gRPC's health checks, which tonic brings, so that no code has to be generated.

use std::env;
use std::error::Error;

use claviger::AuthConfig;
use claviger::AuthLayer;
use claviger::Issuer;
use claviger::RequireScopeLayer;
use claviger::ScopePolicy;
use claviger::respond::GrpcAnswers;
use claviger_testing::TestIssuer;
use tokio::net::TcpListener;
use tonic::Request;
use tonic::Status;
use tonic::transport::Channel;
use tonic::transport::Endpoint;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use tonic_health::server::health_reporter;
use tower::Layer;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let issuer = TestIssuer::start().await;
    let trusted = env::var("ISSUER");
    // With `grpc-status` for refused calls, whose clients can then read the challenge.
    let cfg = AuthConfig::builder(Issuer::new(trusted.as_deref().unwrap_or_else(|_| issuer.url()), AUDIENCE))
        .with_grpc(GrpcAnswers::Status)
        .build()?;
    let (_, health) = health_reporter();
    let server = Server::builder()
        // For clients that do not speak gRPC, such as curl, which see the status of a refusal.
        .accept_http1(true)
        .layer(AuthLayer::new(cfg))
        .add_service(RequireScopeLayer::new(ScopePolicy::all_of(["read:health"])?).layer(health));
    let port = env::var("PORT").map_or(Ok(0), |port| port.parse())?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    let address = format!("http://{}", listener.local_addr()?);
    let serving = server.serve_with_incoming(TcpIncoming::from(listener));
    if trusted.is_ok() {
        println!("listening on {address}");
        return Ok(serving.await?);
    }
    tokio::spawn(serving);

    let mut client = HealthClient::new(Endpoint::from_shared(address)?.connect().await?);
    let token = |scope| issuer.token().scope(scope).sign();
    println!("without a token: {}", check(&mut client, None).await?);
    println!("with another scope: {}", check(&mut client, Some(token("read:orders"))).await?);
    println!("with the scope: {}", check(&mut client, Some(token("read:health"))).await?);
    Ok(())
}

/// How a call ends: what was answered, or the status and the challenge that came with it.
async fn check(client: &mut HealthClient<Channel>, token: Option<String>) -> Result<String, Box<dyn Error>> {
    let mut request = Request::new(HealthCheckRequest::default());
    if let Some(token) = token {
        request.metadata_mut().insert("authorization", format!("Bearer {token}").parse()?);
    }
    Ok(match client.check(request).await {
        Ok(answer) => format!("{:?}", answer.into_inner().status()),
        Err(status) => format!("{:?}, {}", status.code(), challenge(&status)),
    })
}

/// One challenge for each accepted scheme; that of the scheme which was used comes first.
fn challenge(status: &Status) -> &str {
    let challenges = status.metadata().get("www-authenticate").and_then(|field| field.to_str().ok());
    challenges.unwrap_or_default()
}

/// What the API is called in its tokens; the issuer mints for this audience unless told otherwise.
const AUDIENCE: &str = "https://api.example.com";
