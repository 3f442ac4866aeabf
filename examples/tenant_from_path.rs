//! The tenant stands in the path, and each has its own issuer:
//! `cargo run --example tenant_from_path -- AUDIENCE TENANT=ISSUER…`. `PORT` sets the port.
//!
//! `GET /TENANT/hello` takes the tokens of that tenant's issuer alone.

use std::collections::HashMap;
use std::env;
use std::error::Error;
use std::sync::Arc;

use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use claviger::AllowedIssuers;
use claviger::AuthConfig;
use claviger::AuthLayer;
use claviger::Claims;
use claviger::Issuer;
use claviger::IssuerQuery;
use serde::Deserialize;
use tokio::net::TcpListener;

#[derive(Deserialize)]
struct User {
    sub: String,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let audience = arguments.next().ok_or("usage: tenant_from_path AUDIENCE TENANT=ISSUER…")?;
    let pairs =
        arguments.map(|pair| pair.split_once('=').map(|(tenant, issuer)| (tenant.to_owned(), issuer.to_owned())));
    let tenants: HashMap<String, String> = pairs.collect::<Option<_>>().ok_or("each tenant is TENANT=ISSUER")?;

    // All are configured; the resolver says which of them may sign for this request.
    let issuers: Vec<_> = tenants.values().map(|issuer| Issuer::new(issuer, &audience)).collect();
    let tenants = Arc::new(tenants);
    let cfg = AuthConfig::for_issuers(issuers)
        .with_resolver(async move |query: IssuerQuery| {
            let path = query.uri().ok_or("there is no request")?.path();
            let issuer = path.split('/').nth(1).and_then(|tenant| tenants.get(tenant));
            Ok(AllowedIssuers::configured(issuer))
        })
        .build()?;
    let app = Router::new().route("/{tenant}/hello", get(hello)).layer(AuthLayer::new(cfg));

    let port = env::var("PORT").map_or(Ok(3000), |port| port.parse())?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("listening on http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, app).await?)
}

async fn hello(Path(tenant): Path<String>, Claims(user): Claims<User>) -> String {
    format!("hello {} of {tenant}\n", user.sub)
}
