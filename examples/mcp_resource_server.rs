//! An MCP server's side of authorization, its issuer in the same process and on loopback alone:
//! `cargo run --example mcp_resource_server`. `PORT` sets the port, and `ISSUER` trusts another issuer, for clients that
//! sign somebody in.
//!
//! A client that knows nothing but the URL of `/mcp` is told in the 401 where the metadata are, in the metadata which
//! issuer to go to and which scopes there are, and in a 403 all the scopes that this request needs. Only tokens whose
//! audience is this very server are accepted. One guard demands the scopes of all operations: the TypeScript SDK 1.x would
//! lose one scope with the next where each operation has its own, unless `challenge_granted` is on.

use std::env;
use std::error::Error;
use std::time::Duration;

use axum::Json;
use axum::Router;
use axum::http::HeaderName;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::post;
use claviger::AuthConfig;
use claviger::AuthLayer;
use claviger::Claims;
use claviger::Issuer;
use claviger::RequireScopeLayer;
use claviger::Scopes;
use claviger::metadata::Resource;
use claviger::policy;
use claviger_testing::TestIssuer;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;
use tokio::net::TcpListener;
use tower_http::cors::Any;
use tower_http::cors::CorsLayer;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let port = env::var("PORT").map_or(Ok(3000), |port| port.parse())?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    let resource = format!("http://{}/mcp", listener.local_addr()?);

    let issuer = TestIssuer::start().await;
    let trusted = env::var("ISSUER").unwrap_or_else(|_| issuer.url().to_owned());
    let scopes = Scopes::new(["tools:list", "tools:call"])?;
    let cfg = AuthConfig::builder(Issuer::new(&*trusted, &resource))
        .with_resource(Resource::new(&resource).with_name("Reports for agents"))
        .with_scopes_supported(scopes.clone())
        .with_challenge_scope(scopes)
        .build()?;
    let (auth, guard) = (AuthLayer::new(cfg), RequireScopeLayer::new(policy!("tools:list", "tools:call")));
    let metadata = auth.resource_metadata().map(|metadata| metadata.url().to_owned()).unwrap_or_default();
    let app = Router::new().route("/mcp", post(mcp)).route_layer(guard).layer(auth).layer(pages());

    let token =
        |scope: &str| issuer.token().audience(&*resource).scope(scope).expires_in(Duration::from_secs(3600)).sign();
    let call = format!("curl -i {resource} -H 'Content-Type: application/json' -d '{CALL}'");
    println!("listening on http://{}", listener.local_addr()?);
    println!("An MCP server that trusts the issuer {trusted}. Paste these:\n");
    println!("# no token: 401, and where the metadata are\n{call}\n");
    println!("# the metadata: where tokens come from, and which scopes there are\ncurl -i {metadata}\n");
    println!("# a token with one of the scopes: 403, and all that are needed");
    println!("{call} -H 'Authorization: Bearer {}'\n", token("tools:list"));
    println!("# a token with both: 200");
    println!("{call} -H 'Authorization: Bearer {}'\n", token("tools:list tools:call"));
    Ok(axum::serve(listener, app).await?)
}

/// Clients in a browser: outside of the auth layer, and with the fields that tell them how to go on.
fn pages() -> CorsLayer {
    let fields = [header::AUTHORIZATION, header::CONTENT_TYPE, HeaderName::from_static("mcp-protocol-version")];
    CorsLayer::new()
        .allow_origin(Any)
        .allow_headers(fields)
        .expose_headers([header::WWW_AUTHENTICATE, header::RETRY_AFTER])
}

#[derive(Deserialize)]
struct User {
    sub: String,
}

#[derive(Deserialize)]
struct Call {
    id: Option<Value>,
    method: String,
}

/// JSON-RPC, as far as it shows whose token came.
async fn mcp(Claims(user): Claims<User>, Json(call): Json<Call>) -> Response {
    let Some(id) = call.id else {
        return StatusCode::ACCEPTED.into_response();
    };
    let (part, value) = match call.method.as_str() {
        "initialize" => ("result", about()),
        "tools/list" => ("result", json!({ "tools": [{ "name": "whoami", "inputSchema": { "type": "object" } }] })),
        "tools/call" => ("result", json!({ "content": [{ "type": "text", "text": user.sub }] })),
        _ => ("error", json!({ "code": -32601, "message": "Method not found" })),
    };
    Json(json!({ "jsonrpc": "2.0", "id": id, part: value })).into_response()
}

fn about() -> Value {
    let server = json!({ "name": "reports", "version": "1" });
    json!({ "protocolVersion": "2025-06-18", "capabilities": { "tools": {} }, "serverInfo": server })
}

const CALL: &str = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"whoami"}}"#;
