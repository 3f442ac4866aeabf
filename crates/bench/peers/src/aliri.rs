//! aliri_tower, a layer, with the extractor of aliri_axum.

use aliri::jwa;
use aliri::jwt;
use aliri_oauth2::Authority;
use aliri_oauth2::HasScope;
use aliri_oauth2::Scope;
use aliri_tower::Oauth2Authorizer;
use axum::Router;
use axum::body::Body;
use axum::routing::RouterIntoService;
use axum::routing::get;
use claviger_testing::TestIssuer;
use serde::Deserialize;

use crate::AUDIENCE;

aliri_axum::scope_guards! {
    type Claims = User;

    scope AllowAny = *;
}

pub(crate) async fn service(issuer: &TestIssuer) -> RouterIntoService<Body> {
    let validator = jwt::CoreValidator::default()
        .add_approved_algorithm(jwa::Algorithm::RS256)
        .add_allowed_audience(jwt::Audience::from_static(AUDIENCE))
        .require_issuer(jwt::Issuer::new(issuer.url().to_owned()))
        .check_expiration()
        .check_not_before();
    let authority = Authority::new_from_url(issuer.jwks_uri(), validator).await.expect("the keys are fetched");
    let authorizer = Oauth2Authorizer::new().with_claims::<User>().with_terse_error_handler();
    let router = Router::new().route("/reports", get(handler)).layer(authorizer.jwt_layer(authority));
    router.with_state(()).into_service()
}

async fn handler(_: AllowAny) -> &'static str {
    claviger_bench::handler().await
}

#[derive(Clone, Debug, Deserialize)]
struct User {
    iss: jwt::Issuer,
    aud: jwt::Audiences,
    sub: jwt::Subject,
    exp: aliri_clock::UnixTime,
    nbf: Option<aliri_clock::UnixTime>,
    scope: Scope,
}

impl jwt::CoreClaims for User {
    fn nbf(&self) -> Option<aliri_clock::UnixTime> {
        self.nbf
    }

    fn exp(&self) -> Option<aliri_clock::UnixTime> {
        Some(self.exp)
    }

    fn aud(&self) -> &jwt::Audiences {
        &self.aud
    }

    fn iss(&self) -> Option<&jwt::IssuerRef> {
        Some(&self.iss)
    }

    fn sub(&self) -> Option<&jwt::SubjectRef> {
        Some(&self.sub)
    }
}

impl HasScope for User {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}
