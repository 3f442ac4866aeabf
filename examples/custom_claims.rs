//! Claims of one's own, demanded at the layer: `cargo run --example custom_claims -- ISSUER AUDIENCE`. `PORT` sets the
//! port.
//!
//! A token without `org_id`, or with roles that the application does not know, is refused with 401 before any handler
//! runs.

use std::env;
use std::error::Error;

use axum::Json;
use axum::Router;
use axum::routing::get;
use claviger::AuthConfig;
use claviger::AuthLayer;
use claviger::Claims;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;
use tokio::net::TcpListener;

#[derive(Deserialize)]
struct Member {
    sub: String,
    org_id: String,
    #[serde(default)]
    roles: Vec<Role>,
}

#[derive(Clone, Copy, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Role {
    Admin,
    Member,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let (Some(issuer), Some(audience)) = (arguments.next(), arguments.next()) else {
        return Err("usage: custom_claims ISSUER AUDIENCE".into());
    };
    let auth = AuthLayer::new(AuthConfig::new(issuer, audience)?).with_claims::<Member>();
    let app = Router::new().route("/organization", get(organization)).layer(auth);

    let port = env::var("PORT").map_or(Ok(3000), |port| port.parse())?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("listening on http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, app).await?)
}

/// The layer has parsed the claims already; the extractor hands out the same value.
async fn organization(Claims(member): Claims<Member>) -> Json<Value> {
    let administers = member.roles.contains(&Role::Admin);
    Json(json!({ "organization": member.org_id, "member": member.sub, "administers": administers }))
}
