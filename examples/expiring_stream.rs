//! Server-sent events that end with the token of their request: `cargo run --example expiring_stream -- ISSUER
//! AUDIENCE`. `PORT` sets the port.
//!
//! The layer judges a token when its request comes. What lives longer than the request has to watch the end of the
//! token itself.

use std::convert::Infallible;
use std::env;
use std::error::Error;
use std::time::Duration;

use axum::Extension;
use axum::Router;
use axum::http::StatusCode;
use axum::response::Sse;
use axum::response::sse::Event;
use axum::routing::get;
use claviger::AuthConfig;
use claviger::AuthLayer;
use claviger::Issuer;
use claviger::authenticate::Authentication;
use futures_util::Stream;
use futures_util::StreamExt;
use futures_util::stream;
use tokio::net::TcpListener;
use tokio::time::sleep;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let (Some(issuer), Some(audience)) = (arguments.next(), arguments.next()) else {
        return Err("usage: expiring_stream ISSUER AUDIENCE".into());
    };
    // Without leeway, so that it ends to the second; 30 s are granted unless this is set.
    let issuer = Issuer::new(issuer, audience).with_leeway(Duration::ZERO);
    let app = Router::new().route("/", get(events)).layer(AuthLayer::new(AuthConfig::builder(issuer).build()?));

    let port = env::var("PORT").map_or(Ok(3000), |port| port.parse())?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("listening on http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, app).await?)
}

/// A number each second, and a last event from which a client knows that it needs another token.
async fn events(
    Extension(mark): Extension<Authentication>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, StatusCode> {
    // No request is anonymous in this configuration.
    let token = mark.token().ok_or(StatusCode::UNAUTHORIZED)?;
    let last = stream::iter([Event::default().event("expired").data("get another token")]);
    Ok(Sse::new(numbers().take_until(token.expired()).chain(last).map(Ok)))
}

fn numbers() -> impl Stream<Item = Event> {
    stream::unfold(0, async |number| {
        if number > 0 {
            sleep(Duration::from_secs(1)).await;
        }
        Some((Event::default().data(number.to_string()), number + 1))
    })
}
