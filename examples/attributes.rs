//! What each handler demands, written above it: `cargo run --example attributes -- ISSUER AUDIENCE`. `PORT` sets the
//! port.

use std::env;
use std::error::Error;

use axum::Json;
use axum::Router;
use axum::extract::Path;
use axum::extract::State;
use axum::routing::get;
use claviger::AuthConfig;
use claviger::AuthLayer;
use claviger::Claims;
use claviger::VerifiedToken;
use claviger::guarded;
use claviger::require_scope;
use serde::Deserialize;
use tokio::net::TcpListener;

#[derive(Deserialize)]
struct User {
    sub: String,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let (Some(issuer), Some(audience)) = (arguments.next(), arguments.next()) else {
        return Err("usage: attributes ISSUER AUDIENCE".into());
    };
    let app = Router::new()
        .route("/reports", get(Reports::list).post(Reports::create))
        .route("/tenants/{tenant}", get(tenant))
        .route("/audit", get(audit))
        .with_state(Reports { title: "the reports" })
        .layer(AuthLayer::new(AuthConfig::new(issuer, audience)?));

    let port = env::var("PORT").map_or(Ok(3000), |port| port.parse())?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("listening on http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, app).await?)
}

/// Who may see a tenant is who belongs to it.
#[require_scope("read:tenants", path(tenant = "tenant_id"))]
async fn tenant(Path(tenant): Path<String>) -> String {
    format!("tenant {tenant}\n")
}

/// Auditors, and staff with the scope for it; everybody has to be an employee.
#[require_scope(any(role("auditor"), all("audit", claim(department = "staff"))))]
#[require_scope(predicate(is_employee))]
async fn audit() -> &'static str {
    "nothing happened\n"
}

fn is_employee(token: &VerifiedToken) -> bool {
    token.subject().is_some_and(|subject| subject.starts_with("employee|"))
}

#[derive(Clone)]
struct Reports {
    title: &'static str,
}

#[guarded]
impl Reports {
    #[require_scope("read:reports")]
    async fn list(State(reports): State<Self>, Claims(user): Claims<User>) -> String {
        format!("{} of {}\n", reports.title, user.sub)
    }

    #[require_scope("write:reports")]
    async fn create(Json(title): Json<String>) -> String {
        format!("created {title}\n")
    }
}
