//! A page reads the challenge of a 401, follows it to the metadata, comes back with a token, which costs a preflight, and
//! reads the challenge of a 403.

use axum::Router;
use axum::routing::get;
use axum::routing::post;
use claviger::AuthConfig;
use claviger::AuthLayer;
use claviger::Issuer;
use claviger::RequireScopeLayer;
use claviger::ScopePolicy;
use claviger::Scopes;
use claviger_testing::TestIssuer;
use serde_json::json;

use crate::cors::open_to;
use crate::origin::Origin;
use crate::visit::visit;

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_another_origin_reads_challenge_and_metadata_and_passes_after_the_preflight() {
    let issuer = TestIssuer::start().await;
    let (api, page) = (Origin::new().await, Origin::new().await);
    let resource = api.url("/reports");
    let metadata = api.url("/.well-known/oauth-protected-resource/reports");
    let reader = issuer.token().audience(resource.as_str()).scope("read:reports").sign();
    let script = SCRIPT.replace("API", &api.url("")).replace("TOKEN", &reader);
    let (guarded, preflights) = open_to(&page.url(""), guarded(&issuer, &resource));
    api.serve(guarded);
    let result = visit(page, &script, Router::new()).await;

    let more = format!("scope=\"read:reports\", resource_metadata=\"{metadata}\"");
    let algorithms = "algs=\"ES256 ES384 EdDSA Ed25519 RS256 PS256\"";
    let challenge = format!("Bearer realm=\"api\", {more}, DPoP {more}, {algorithms}");
    assert_eq!(result["anonymous"], json!({"status": 401, "challenge": challenge}), "{result}");
    assert_eq!(result["metadata"]["resource"], resource, "{result}");
    assert_eq!(result["metadata"]["authorization_servers"], json!([issuer.url()]), "{result}");
    assert_eq!(result["allowed"], json!({"status": 200, "body": "the reports"}), "{result}");
    assert_eq!(result["refused"]["status"], 403, "{result}");
    let refused = result["refused"]["challenge"].as_str().unwrap();
    assert!(refused.contains(r#"error="insufficient_scope""#) && refused.contains(r#"scope="write:reports""#));
    assert!(preflights.count() >= 1, "a request with Authorization is preflighted");
}

fn guarded(issuer: &TestIssuer, resource: &str) -> Router {
    let needs = |scope| RequireScopeLayer::new(ScopePolicy::scope(scope).unwrap());
    let cfg = AuthConfig::builder(Issuer::new(issuer.url(), resource))
        .with_resource(resource)
        .with_challenge_scope(Scopes::new(["read:reports"]).unwrap())
        .build()
        .unwrap();
    Router::new()
        .route("/reports", get(|| async { "the reports" }).route_layer(needs("read:reports")))
        .route("/written", post(|| async { "written" }).route_layer(needs("write:reports")))
        .layer(AuthLayer::new(cfg))
}

/// Fills `result`.
const SCRIPT: &str = r#"
const anonymous = await fetch("API/reports");
const challenge = anonymous.headers.get("www-authenticate");
result.anonymous = { status: anonymous.status, challenge };
result.metadata = await (await fetch(/resource_metadata="([^"]+)"/.exec(challenge)[1])).json();
const headers = { authorization: "Bearer TOKEN" };
const allowed = await fetch("API/reports", { headers });
result.allowed = { status: allowed.status, body: await allowed.text() };
const refused = await fetch("API/written", { method: "POST", headers });
result.refused = { status: refused.status, challenge: refused.headers.get("www-authenticate") };
"#;
