//! The CORS layer of an API that pages of one other origin call. It stands outside of the auth layer, and lets pages read
//! what tells them how to go on.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use axum::Router;
use axum::extract::Request;
use http::HeaderName;
use http::HeaderValue;
use http::Method;
use http::header::AUTHORIZATION;
use http::header::RETRY_AFTER;
use http::header::WWW_AUTHENTICATE;
use tower::util::MapRequestLayer;
use tower_http::cors::CorsLayer;

/// How often the browser asked whether it may send a request.
#[derive(Clone, Default)]
pub(crate) struct Preflights(Arc<AtomicUsize>);

impl Preflights {
    pub(crate) fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }

    fn tally(&self, request: &Request) {
        if request.method() == Method::OPTIONS {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
}

/// The API with a CORS layer for pages of this origin, and how many preflights it got.
pub(crate) fn open_to(page: &str, api: Router) -> (Router, Preflights) {
    let preflights = Preflights::default();
    let dpop = HeaderName::from_static("dpop");
    let cors = CorsLayer::new()
        .allow_origin(page.parse::<HeaderValue>().unwrap())
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([AUTHORIZATION, dpop])
        .expose_headers([WWW_AUTHENTICATE, RETRY_AFTER, HeaderName::from_static("dpop-nonce")]);
    let counted = preflights.clone();
    let count = move |request: Request| {
        counted.tally(&request);
        request
    };
    (api.layer(cors).layer(MapRequestLayer::new(count)), preflights)
}
