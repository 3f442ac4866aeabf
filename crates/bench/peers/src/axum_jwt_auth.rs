//! axum-jwt-auth, an extractor.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::routing::RouterIntoService;
use axum::routing::get;
use axum_jwt_auth::Claims;
use axum_jwt_auth::Decoder;
use axum_jwt_auth::RemoteJwksDecoder;
use claviger_testing::TestIssuer;
use jsonwebtoken_10::Algorithm;
use jsonwebtoken_10::Validation;
use serde::Deserialize;

use crate::AUDIENCE;

pub(crate) async fn service(issuer: &TestIssuer) -> RouterIntoService<Body> {
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_audience(&[AUDIENCE]);
    validation.set_issuer(&[issuer.url()]);
    validation.validate_nbf = true;
    let decoder = RemoteJwksDecoder::builder().jwks_url(issuer.jwks_uri()).validation(validation).build();
    let decoder = Arc::new(decoder.expect("a decoder"));
    decoder.initialize().await.expect("the keys are fetched");
    let decoder: Decoder<User> = decoder;
    Router::new().route("/reports", get(handler)).with_state(decoder).into_service()
}

#[derive(Clone, Deserialize)]
struct User {
    #[expect(dead_code, reason = "it is read from the token, as in the peer's documentation")]
    sub: String,
}

async fn handler(_: Claims<User>) -> &'static str {
    claviger_bench::handler().await
}
