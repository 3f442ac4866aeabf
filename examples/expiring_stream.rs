//! Server-sent events that end with the token of their request: `cargo run --example expiring_stream -- ISSUER
//! AUDIENCE [LEEWAY JITTER]`, both in seconds, 30 and 10 unless given. `PORT` sets the port.
//!
//! The layer judges a token when its request comes. What lives longer than the request has to watch the end of the
//! token itself. Only a stream that stands alone should end with it: answers under way run out. It ends after the leeway,
//! and at a moment of its own within the jitter. A client whose streams end all at once refreshes its token several times
//! at once, and servers that rotate refresh tokens then revoke the grant: two MCP SDKs lost theirs.

use std::convert::Infallible;
use std::env;
use std::error::Error;
use std::hash::BuildHasher;
use std::hash::RandomState;
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
        return Err("usage: expiring_stream ISSUER AUDIENCE [LEEWAY JITTER]".into());
    };
    let mut seconds = |default| arguments.next().map_or(Ok(default), |text| text.parse()).map(Duration::from_secs);
    let (leeway, jitter) = (seconds(30)?, seconds(10)?);
    let issuer = Issuer::new(issuer, audience).with_leeway(leeway);
    let events = get(async move |mark| events(mark, jitter));
    let app = Router::new().route("/", events).layer(AuthLayer::new(AuthConfig::builder(issuer).build()?));

    let port = env::var("PORT").map_or(Ok(3000), |port| port.parse())?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("listening on http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, app).await?)
}

/// A number each second, and a last event from which a client knows that it needs another token.
fn events(
    Extension(mark): Extension<Authentication>,
    jitter: Duration,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, StatusCode> {
    // No request is anonymous in this configuration.
    let expired = mark.token().ok_or(StatusCode::UNAUTHORIZED)?.expired();
    let later = by_chance(jitter);
    let end = async move {
        expired.await;
        sleep(later).await;
    };
    let last = stream::iter([Event::default().event("expired").data("get another token")]);
    Ok(Sse::new(numbers().take_until(Box::pin(end)).chain(last).map(Ok)))
}

/// Up to `most`; every hasher has random keys of its own.
fn by_chance(most: Duration) -> Duration {
    most.mul_f64(f64::from(RandomState::new().hash_one(()) as u32) / f64::from(u32::MAX))
}

fn numbers() -> impl Stream<Item = Event> {
    stream::unfold(0, async |number| {
        if number > 0 {
            sleep(Duration::from_secs(1)).await;
        }
        Some((Event::default().data(number.to_string()), number + 1))
    })
}
