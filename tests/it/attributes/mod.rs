//! `#[require_scope(…)]` and `#[guarded]`: what is written above a handler is what its requests meet.

use axum::Router;
use axum::body::Body;
use claviger::AuthConfig;
use claviger::AuthLayer;
use claviger::Issuer;
use claviger::VerifiedToken;
use claviger_testing::TestClock;
use claviger_testing::TestIssuer;
use http::Request;
use http::StatusCode;
use serde_json::Value;
use tower::ServiceExt;

use crate::support::AUDIENCE;
use crate::support::Answer;
use crate::support::NOW;
use crate::support::bearer;

// What can be written.
mod needs;

// What it can stand above.
mod handlers;

/// Handlers behind the layer, which lets anonymous requests get as far as the handler.
struct Api {
    issuer: TestIssuer,
    app: Router,
}

impl Api {
    fn of(router: Router) -> Self {
        Self::made(|auth| router.layer(auth))
    }

    fn made(make: impl FnOnce(AuthLayer) -> Router) -> Self {
        let clock = TestClock::at_second(NOW);
        let issuer = TestIssuer::builder().with_clock(clock.clone()).in_memory();
        let trusted = Issuer::new(issuer.url(), AUDIENCE).with_jwks(issuer.jwks());
        let cfg = AuthConfig::builder(trusted).with_clock(clock).allow_anonymous().build().unwrap();
        Self { issuer, app: make(AuthLayer::new(cfg)) }
    }

    fn token(&self, claims: &Value) -> String {
        let claims = claims.as_object().unwrap();
        claims.iter().fold(self.issuer.token(), |token, (name, value)| token.claim(name, value.clone())).sign()
    }

    async fn ask(&self, path: &str, claims: &Value) -> Answer {
        self.send(bearer(path, &self.token(claims))).await
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.app.clone().oneshot(request).await.unwrap();
        let reached = response.status() == StatusCode::OK;
        Answer::of(response, reached).await
    }
}

fn anonymous(path: &str) -> Request<Body> {
    Request::get(path).body(Body::empty()).unwrap()
}

fn is_staff(token: &VerifiedToken) -> bool {
    token.subject().is_some_and(|subject| subject.starts_with("staff|"))
}
