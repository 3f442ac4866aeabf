//! Roles of a Keycloak realm, and of this API as a client of it: `cargo run --example keycloak_roles -- BASE_URL REALM
//! CLIENT_ID`, for example `http://localhost:8080 main reports-api`. `PORT` sets the port.
//!
//! Tokens need this client in `aud`, which an audience mapper puts there. Keycloak has roles in two places, and a role of
//! the realm is not a role of a client that has the same name.

use std::env;
use std::error::Error;
use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::routing::get;
use claviger::AuthConfig;
use claviger::AuthLayer;
use claviger::Claims;
use claviger::providers::keycloak;
use http::StatusCode;
use serde_json::Value;
use serde_json::json;
use tokio::net::TcpListener;

/// The id of this API in Keycloak.
#[derive(Clone)]
struct Client(Arc<str>);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let [base_url, realm, client] = arguments.as_slice() else {
        return Err("usage: keycloak_roles BASE_URL REALM CLIENT_ID".into());
    };
    let cfg = AuthConfig::builder(keycloak::issuer_under(base_url, realm, client)).build()?;
    // Claims of another shape are refused with 401 before any handler runs.
    let auth = AuthLayer::new(cfg).with_claims::<keycloak::Claims>();
    let app = Router::new()
        .route("/roles", get(roles))
        .route("/reports", get(reports))
        .with_state(Client(client.as_str().into()))
        .layer(auth);

    let port = env::var("PORT").map_or(Ok(3000), |port| port.parse())?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("listening on http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, app).await?)
}

async fn roles(State(client): State<Client>, Claims(user): Claims<keycloak::Claims>) -> Json<Value> {
    let here = user.resource_access.get(&*client.0).map(|access| access.roles.clone());
    Json(json!({ "user": user.preferred_username, "of_the_realm": user.realm_access.roles, "here": here }))
}

/// For auditors of the whole realm, and for editors of this API.
async fn reports(
    State(client): State<Client>,
    Claims(user): Claims<keycloak::Claims>,
) -> Result<&'static str, StatusCode> {
    if user.has_realm_role("auditor") || user.has_client_role(&client.0, "editor") {
        Ok("the reports\n")
    } else {
        Err(StatusCode::FORBIDDEN)
    }
}
