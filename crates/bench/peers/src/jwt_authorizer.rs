//! jwt-authorizer, a layer for axum 0.7.

use axum_07::Router;
use axum_07::body::Body;
use axum_07::routing::RouterIntoService;
use axum_07::routing::get;
use claviger_bench::handler;
use claviger_testing::TestIssuer;
use jwt_authorizer::Authorizer;
use jwt_authorizer::IntoLayer;
use jwt_authorizer::JwtAuthorizer;
use jwt_authorizer::Validation;

use crate::AUDIENCE;

pub(crate) async fn service(issuer: &TestIssuer) -> RouterIntoService<Body> {
    let validation = Validation::new().iss(&[issuer.url()]).aud(&[AUDIENCE]).nbf(true);
    let authorizer = JwtAuthorizer::from_jwks_url(&issuer.jwks_uri()).validation(validation).build().await;
    let authorizer: Authorizer = authorizer.expect("an authorizer");
    let layer = authorizer.into_layer();
    Router::new().route("/reports", get(handler)).layer(layer).with_state(()).into_service()
}

pub(crate) fn unguarded() -> RouterIntoService<Body> {
    Router::new().route("/reports", get(handler)).with_state(()).into_service()
}
