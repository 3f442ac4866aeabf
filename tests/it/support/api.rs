//! An API that the layer guards, with its issuer and its clock.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use claviger::AuthConfig;
use claviger::AuthConfigBuilder;
use claviger::AuthLayer;
use claviger::Issuer;
use claviger::RequireScopeLayer;
use claviger::ScopePolicy;
use claviger_testing::SigningAlgorithm;
use claviger_testing::SigningKey;
use claviger_testing::TestClock;
use claviger_testing::TestIssuer;
use claviger_testing::TestIssuerBuilder;
use claviger_testing::TokenBuilder;
use http::HeaderValue;
use http::Request;
use http::header::AUTHORIZATION;
use tower::ServiceExt;

use crate::support::Answer;

pub(crate) const AUDIENCE: &str = "https://api.example.com";
pub(crate) const NOW: u64 = 1_750_000_000;

/// A change of the configuration.
pub(crate) type Change = fn(AuthConfigBuilder) -> AuthConfigBuilder;

/// A change of the issuer's rules.
pub(crate) type Rules = fn(Issuer) -> Issuer;

/// `/` for everybody who is believed, `/reports` for who has `read:reports`.
pub(crate) struct Api {
    pub(crate) issuer: TestIssuer,
    pub(crate) clock: TestClock,
    app: Router,
    reached: Arc<AtomicUsize>,
}

impl Api {
    /// Keys at hand: nothing has to be awaited.
    pub(crate) fn new() -> Self {
        Self::with(|issuer| issuer, |settings| settings)
    }

    pub(crate) fn with_rules(rules: Rules) -> Self {
        Self::with(rules, |settings| settings)
    }

    pub(crate) fn with_settings(settings: impl FnOnce(AuthConfigBuilder) -> AuthConfigBuilder) -> Self {
        Self::with(|issuer| issuer, settings)
    }

    fn with(rules: Rules, settings: impl FnOnce(AuthConfigBuilder) -> AuthConfigBuilder) -> Self {
        let clock = TestClock::at_second(NOW);
        let issuer = TestIssuer::builder().with_clock(clock.clone()).in_memory();
        let trusted = rules(Issuer::new(issuer.url(), AUDIENCE).with_jwks(issuer.jwks()));
        Self::guarded(issuer, clock, trusted, settings)
    }

    /// Keys that are fetched from an issuer on loopback.
    pub(crate) async fn serving() -> Self {
        Self::serving_with(|issuer| issuer).await
    }

    pub(crate) async fn serving_with(change: fn(TestIssuerBuilder) -> TestIssuerBuilder) -> Self {
        let clock = TestClock::at_second(NOW);
        let issuer = change(TestIssuer::builder().with_clock(clock.clone())).start().await;
        Self::fetching(issuer, clock)
    }

    /// Keys that are fetched from `issuer`, at the address it serves.
    pub(crate) fn fetching(issuer: TestIssuer, clock: TestClock) -> Self {
        let trusted = Issuer::new(issuer.url(), AUDIENCE);
        Self::guarded(issuer, clock, trusted, |settings| settings)
    }

    pub(crate) fn guarded(
        issuer: TestIssuer,
        clock: TestClock,
        trusted: Issuer,
        settings: impl FnOnce(AuthConfigBuilder) -> AuthConfigBuilder,
    ) -> Self {
        let cfg = settings(AuthConfig::builder(trusted).with_clock(clock.clone())).build().unwrap();
        let reached = Arc::new(AtomicUsize::new(0));
        let app = router(&reached).layer(AuthLayer::new(cfg));
        Self { issuer, clock, app, reached }
    }

    /// A token that passes unless it is changed.
    pub(crate) fn token(&self) -> TokenBuilder {
        self.issuer.token()
    }

    /// `GET /` with this token.
    pub(crate) async fn show(&self, token: &str) -> Answer {
        self.send(bearer("/", token)).await
    }

    /// `GET /` with these `Authorization` fields.
    pub(crate) async fn authorize(&self, fields: &[&[u8]]) -> Answer {
        let mut request = Request::get("/").body(Body::empty()).unwrap();
        for field in fields {
            request.headers_mut().append(AUTHORIZATION, HeaderValue::from_bytes(field).unwrap());
        }
        self.send(request).await
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let before = self.reached.load(Ordering::SeqCst);
        let response = self.app.clone().oneshot(request).await.unwrap();
        Answer::of(response, self.reached.load(Ordering::SeqCst) > before).await
    }
}

/// A key that nobody has seen yet.
pub(crate) fn new_key(id: &str) -> SigningKey {
    SigningKey::generate(SigningAlgorithm::Es256).with_key_id(id)
}

pub(crate) fn bearer(path: &str, token: &str) -> Request<Body> {
    Request::get(path).header(AUTHORIZATION, format!("Bearer {token}")).body(Body::empty()).unwrap()
}

fn router(reached: &Arc<AtomicUsize>) -> Router {
    let count = |reached: &Arc<AtomicUsize>| {
        let reached = Arc::clone(reached);
        async move || reached.fetch_add(1, Ordering::SeqCst).to_string()
    };
    let needs_scope = RequireScopeLayer::new(ScopePolicy::all_of(["read:reports"]).unwrap());
    Router::new()
        .route("/", get(count(reached)).post(count(reached)))
        .route("/reports", get(count(reached)).post(count(reached)).route_layer(needs_scope))
}
