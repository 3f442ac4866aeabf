//! The routes of the example `resource_server` without the layer, and an issuer for both, for `load.sh`.
//!
//! `open_server` serves. `open_server issuer DIRECTORY TOKENS` writes a configuration and tokens into a directory and
//! serves the keys; a line on its standard input rotates them, and its end ends the program.

use std::env;
use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::io::stdin;
use std::net::SocketAddr;
use std::path::Path;

use axum::Json;
use axum::Router;
use axum::routing::get;
use claviger_bench::KeyKind;
use claviger_bench::Signed;
use claviger_testing::TestIssuer;
use serde_json::json;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => serve().await,
        ["issuer", directory, tokens] => issue(Path::new(directory), tokens.parse()?).await,
        _ => Err("usage: open_server [issuer DIRECTORY TOKENS]".into()),
    }
}

/// As the example does it, but for the guards.
async fn serve() -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on http://{}", listener.local_addr()?);
    let reports = get(async || Json(json!({ "reports": ["first", "second"] })));
    let others = || get(async || Json(json!(null)));
    let routes = Router::new().route("/reports", reports).route("/orders", others()).route("/status", others());
    let api = Router::new().route("/claims", others()).merge(routes);
    Ok(axum::serve(listener, api.into_make_service_with_connect_info::<SocketAddr>()).await?)
}

async fn issue(directory: &Path, tokens: usize) -> Result<(), Box<dyn Error>> {
    let kind = KeyKind::Es256;
    let issuer = TestIssuer::builder().with_key(kind.generate()).start().await;
    fs::write(
        directory.join("api.toml"),
        format!("[[issuers]]\nissuer = \"{}\"\naudience = \"https://api.example.com\"\n", issuer.url()),
    )?;
    let write = |name: &str, tokens: &[String]| fs::write(directory.join(name), lines(tokens));
    let distinct = Signed::by(&issuer, kind, tokens, USUAL);
    write("distinct", distinct.tokens())?;
    write("repeated", distinct.tokens().get(..1).unwrap_or_default())?;
    let unknown: Vec<_> = (0..JUNK).map(|at| issuer.token().header("kid", format!("unknown-{at}")).sign()).collect();
    write("unknown", &unknown)?;
    let next = kind.generate();
    let after: Vec<_> = (0..tokens).map(|_| issuer.token().scope("read:reports").signed_by(&next).sign()).collect();
    write("after", &after)?;
    println!("issuing");
    tokio::task::spawn_blocking(move || {
        for line in stdin().lines() {
            if line.is_ok() {
                issuer.rotate(next.clone());
                println!("rotated");
            }
        }
    })
    .await?;
    Ok(())
}

fn lines(tokens: &[String]) -> String {
    tokens.iter().fold(String::new(), |mut text, token| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{token}");
        text
    })
}

const USUAL: usize = 800;
const JUNK: usize = 2000;
