//! The list of misused tokens, shown to APIs that refuse them and to some that do not.

use std::collections::HashSet;
use std::convert::Infallible;

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use claviger::AuthConfig;
use claviger::AuthConfigBuilder;
use claviger::AuthLayer;
use claviger::Issuer;
use claviger::Profile;
use claviger_testing::Misuse;
use claviger_testing::MisusedTokens;
use claviger_testing::SigningAlgorithm;
use claviger_testing::SigningKey;
use claviger_testing::TestIssuer;
use claviger_testing::TokenBuilder;
use futures_util::FutureExt;
use http::Request;
use http::Response;
use http::StatusCode;
use serde_json::json;
use tower::service_fn;

const AUDIENCE: &str = "https://api.example.com";

fn issuer() -> TestIssuer {
    TestIssuer::in_memory("https://tenant.example.com/")
}

fn request(token: &str) -> Request<Body> {
    Request::get("/").header("authorization", format!("Bearer {token}")).body(Body::empty()).unwrap()
}

fn app(issuer: &TestIssuer, rules: impl FnOnce(Issuer) -> Issuer) -> Router {
    let builder = AuthConfig::builder(rules(Issuer::new(issuer.url(), AUDIENCE)));
    let cfg = issuer.serve_for(builder).build().unwrap();
    Router::new().route("/", get(|| async { "well" })).layer(AuthLayer::new(cfg))
}

fn bound(issuer: &TestIssuer) -> TokenBuilder {
    issuer.token().claim("app_id", "billing").claim("tid", "acme").scope("read")
}

#[tokio::test]
async fn each_profile_of_access_tokens_refuses_all_of_them() {
    for (profile, typ) in [(Profile::Rfc9068, "at+jwt"), (Profile::Jwt, "JWT"), (Profile::Jwt, "at+jwt")] {
        let issuer = issuer();
        let rules =
            |issuer: Issuer| issuer.with_profile(profile).bind_claim("app_id", "billing").bind_claim("tid", "acme");
        let accepted = bound(&issuer).header("typ", typ);
        let misused = MisusedTokens::of(accepted);
        let kinds: HashSet<_> = misused.iter().map(|token| token.misuse()).collect();
        assert_eq!(kinds.len(), 9, "one of each at least: {misused:?}");
        misused.assert_refused_by(&app(&issuer, rules), request).await;
    }
}

#[tokio::test]
async fn a_preset_without_audiences_refuses_tokens_of_other_clients() {
    let name = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab1";
    let key = SigningKey::generate(SigningAlgorithm::Rs256);
    let issuer = TestIssuer::builder().with_issuer(name).with_key(key).in_memory();
    let file = json!({ "provider": "cognito", "user_pool": "eu-west-1_Ab1", "client_id": "web" });
    let cfg = issuer.serve_for(AuthConfigBuilder::read(json!({ "issuers": [file] }))).build().unwrap();
    let app = Router::new().route("/", get(|| async { "well" })).layer(AuthLayer::new(cfg));
    let accepted = issuer.token().without_header("typ").without("aud").claim("client_id", "web");
    let misused = MisusedTokens::of(accepted.claim("token_use", "access").scope("read"));
    assert!(misused.iter().any(|token| token.misuse() == Misuse::AnotherAudience));
    misused.assert_refused_by(&app, request).await;
}

/// The text of the panic.
async fn failure(misused: MisusedTokens, app: &Router) -> String {
    let shown = std::panic::AssertUnwindSafe(misused.assert_refused_by(app, request)).catch_unwind().await;
    let panic = shown.unwrap_err();
    *panic.downcast::<String>().unwrap()
}

#[tokio::test]
async fn each_token_that_passes_is_named() {
    let issuer = issuer();
    let everybody = app(&issuer, |issuer| issuer);
    let told = failure(MisusedTokens::of(bound(&issuer)), &everybody).await;
    assert!(told.starts_with("2 of "), "{told}");
    for line in ["for another app: another `app_id`: answered 200", "for another tenant: another `tid`: answered 200"] {
        assert!(told.contains(line), "{told}");
    }
    let misused = MisusedTokens::of(bound(&issuer)).without(Misuse::AnotherApp).without(Misuse::AnotherTenant);
    misused.assert_refused_by(&everybody, request).await;
}

#[tokio::test]
async fn an_api_of_its_own_mistakes_is_found_out() {
    let issuer = issuer();
    // Whatever it is shown, it lets in.
    let open = Router::new().route("/", get(|| async { "well" }));
    let told = failure(MisusedTokens::of(bound(&issuer)), &open).await;
    for kind in ["an ID token", "a refresh token", "unsigned", "expired", "of another issuer", "of another kind"] {
        assert!(told.contains(kind), "{told}");
    }
    // A token that lacks a scope was accepted before that.
    let guarded = app(&issuer, |issuer| issuer);
    let misused = MisusedTokens::of(bound(&issuer)).without(Misuse::AnotherApp).without(Misuse::AnotherTenant);
    let added = misused.with(Misuse::AnotherKind, "without a scope", issuer.token());
    assert!(failure(added, &guarded).await.contains("of another kind: without a scope: answered 200"));
}

#[tokio::test]
async fn refusals_prove_nothing_where_the_accepted_token_is_refused() {
    let issuer = issuer();
    let misused = MisusedTokens::of(issuer.token().audience("x"));
    assert!(failure(misused, &app(&issuer, |issuer| issuer)).await.contains("should be accepted is answered 401"));
}

#[tokio::test]
#[should_panic(expected = "answered 503 Service Unavailable")]
async fn a_token_that_could_not_be_judged_is_not_refused() {
    let issuer = issuer();
    let misused = MisusedTokens::of(issuer.token());
    let own = misused.accepted().to_owned();
    let service = service_fn(move |request: Request<Body>| {
        let is_accepted = request.headers()["authorization"] == format!("Bearer {own}");
        let status = if is_accepted { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
        std::future::ready(Ok::<_, Infallible>(Response::builder().status(status).body(Body::empty()).unwrap()))
    });
    misused.assert_refused_by(&service, request).await;
}
