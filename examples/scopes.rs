//! What routes need, said beside them: `cargo run --example scopes -- ISSUER AUDIENCE`. `PORT` sets the port.
//!
//! A layer for a router, an extractor for a handler, a list of routes of which none is open by accident; and a guard that
//! only reports, as long as it is new. Who holds `admin` may do what `read:reports` and `write:reports` allow.

use std::env;
use std::error::Error;

use axum::Json;
use axum::Router;
use axum::routing;
use claviger::AuthConfig;
use claviger::AuthLayer;
use claviger::Issuer;
use claviger::RequireScopeLayer;
use claviger::ScopeHierarchy;
use claviger::authorize::Demand;
use claviger::extract::Scoped;
use claviger::policy;
use claviger::routes::Routes;
use claviger::routes::get;
use tokio::net::TcpListener;

#[derive(Demand)]
#[demand("read:reports")]
struct ReadReports;

/// An editor, or who may write any report.
#[derive(Demand)]
#[demand(any("write:reports", role("editor")))]
struct WriteReports;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let (Some(issuer), Some(audience)) = (arguments.next(), arguments.next()) else {
        return Err("usage: scopes ISSUER AUDIENCE".into());
    };
    let hierarchy = ScopeHierarchy::default().with("admin", ["read:reports", "write:reports"])?;
    let cfg = AuthConfig::builder(Issuer::new(issuer, audience)).with_scope_hierarchy(hierarchy).build()?;
    let port = env::var("PORT").map_or(Ok(3000), |port| port.parse())?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("listening on http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, api(AuthLayer::new(cfg))).await?)
}

fn api(auth: AuthLayer) -> Router {
    let routes = Routes::new()
        .route("/reports", get(reports).post(write))
        .guarded("/tenants/{tenant}", policy!(path(tenant = "tenant_id")), routing::get(|| async { "yours\n" }))
        .open("/health", routing::get(|| async { "well\n" }));
    print!("{}", routes.report());
    let soon = RequireScopeLayer::new(policy!("read:archive")).report_only();
    let archive = Router::new().route("/archive", routing::get(|| async { "old\n" })).route_layer(soon);
    routes.into_router(auth.clone()).merge(archive.layer(auth))
}

async fn reports(_: Scoped<ReadReports>) -> &'static str {
    "the reports\n"
}

async fn write(report: Scoped<WriteReports, Json<String>>) -> String {
    let Json(title) = report.into_inner();
    format!("wrote {title}\n")
}
