//! Protected resource metadata (RFC 9728).

use axum::Router;
use axum::body::Body;
use claviger::AuthConfig;
use claviger::AuthConfigBuilder;
use claviger::AuthLayer;
use claviger::Issuer;
use claviger::metadata::Resource;
use claviger_testing::TestIssuer;
use http::Method;
use http::Request;
use serde_json::Value;
use tower::ServiceExt;

use crate::support::AUDIENCE;
use crate::support::Answer;
use crate::support::Api;
use crate::support::problem_paths;

mod answer;
mod document;
mod layer;
mod layouts;

const RESOURCE: &str = "https://api.example.com/mcp";
const PATH: &str = "/.well-known/oauth-protected-resource/mcp";
const URL: &str = "https://api.example.com/.well-known/oauth-protected-resource/mcp";

fn request(method: Method, path: &str) -> Request<Body> {
    Request::builder().method(method).uri(path).body(Body::empty()).unwrap()
}

fn published() -> Api {
    Api::with_settings(|settings| settings.with_resource(RESOURCE))
}

fn builder(issuer: &TestIssuer) -> AuthConfigBuilder {
    AuthConfig::builder(Issuer::new(issuer.url(), AUDIENCE).with_jwks(issuer.jwks()))
}

fn at_hand() -> (TestIssuer, AuthConfig) {
    let issuer = TestIssuer::in_memory("https://issuer.example.com");
    let cfg = builder(&issuer).with_resource(RESOURCE).build().unwrap();
    (issuer, cfg)
}

async fn ask(app: &Router, request: Request<Body>) -> Answer {
    Answer::of(app.clone().oneshot(request).await.unwrap(), false).await
}

fn document(resource: impl Into<Resource>) -> Value {
    let issuer = TestIssuer::in_memory("https://issuer.example.com");
    let cfg = builder(&issuer).with_resource(resource).build().unwrap();
    serde_json::to_value(AuthLayer::new(cfg).resource_metadata()).unwrap()
}

/// The paths of what is wrong.
fn problems(change: impl FnOnce(AuthConfigBuilder) -> AuthConfigBuilder) -> Vec<String> {
    problem_paths(change(builder(&TestIssuer::in_memory("https://issuer.example.com"))).build())
}
