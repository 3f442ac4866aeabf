//! A browser's session cookie holds the token: `cargo run --example cookie_session -- ISSUER AUDIENCE`. `PORT` sets the
//! port.
//!
//! Whoever shows a token in `Authorization` at `POST /session` gets it as a cookie that scripts cannot read. From then on
//! the browser sends it by itself, also when another site asks it to; so the layer takes it for `POST /notes` only from
//! pages of this origin. An old cookie makes a stranger of its user, and no error page.

use std::env;
use std::error::Error;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use axum::routing::post;
use claviger::AuthConfig;
use claviger::AuthLayer;
use claviger::Claims;
use claviger::CookieFailure;
use claviger::Issuer;
use claviger::TokenSource;
use http::HeaderMap;
use http::HeaderName;
use http::StatusCode;
use http::header::AUTHORIZATION;
use http::header::SET_COOKIE;
use serde::Deserialize;
use tokio::net::TcpListener;

#[derive(Deserialize)]
struct User {
    sub: String,
}

type Notes = Arc<Mutex<Vec<String>>>;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let (Some(issuer), Some(audience)) = (arguments.next(), arguments.next()) else {
        return Err("usage: cookie_session ISSUER AUDIENCE".into());
    };
    let port = env::var("PORT").map_or(Ok(3000), |port| port.parse())?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    let origin = format!("http://{}", listener.local_addr()?);
    let cfg = AuthConfig::builder(Issuer::new(issuer, audience))
        .with_sources([TokenSource::Authorization, TokenSource::cookie(COOKIE)])
        .with_public_url(&origin)
        .allow_anonymous()
        .with_cookie_failure(CookieFailure::Anonymous)
        .build()?;
    let app = Router::new()
        .route("/", get(greet))
        .route("/session", post(sign_in).delete(sign_out))
        .route("/notes", post(write))
        .with_state(Notes::default())
        .layer(AuthLayer::new(cfg));
    println!("listening on {origin}");
    Ok(axum::serve(listener, app).await?)
}

async fn greet(user: Option<Claims<User>>) -> String {
    let name = user.as_ref().map_or("stranger", |Claims(user)| &user.sub);
    format!("hello {name}\n")
}

/// The layer has believed the token that it finds first, which is the one in `Authorization` if there is one.
async fn sign_in(_: Claims<User>, headers: HeaderMap) -> Result<[(HeaderName, String); 1], StatusCode> {
    let field = headers.get(AUTHORIZATION).and_then(|field| field.to_str().ok());
    let (_, token) = field.and_then(|field| field.split_once(' ')).ok_or(StatusCode::BAD_REQUEST)?;
    Ok(cookie(token.trim(), ""))
}

async fn sign_out() -> [(HeaderName, String); 1] {
    cookie("", "; Max-Age=0")
}

async fn write(Claims(user): Claims<User>, State(notes): State<Notes>, note: String) -> String {
    let mut notes = notes.lock().unwrap_or_else(PoisonError::into_inner);
    notes.push(format!("{}: {note}", user.sub));
    format!("note {}\n", notes.len())
}

fn cookie(value: &str, lifetime: &str) -> [(HeaderName, String); 1] {
    [(SET_COOKIE, format!("{COOKIE}={value}; Path=/; Secure; HttpOnly; SameSite=Lax{lifetime}"))]
}

/// The prefix has browsers demand https (or loopback), and keeps other hosts of the domain from setting it.
const COOKIE: &str = "__Host-session";
