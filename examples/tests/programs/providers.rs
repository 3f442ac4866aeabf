//! The programs for one provider.

use claviger_testing::TestIssuer;
use reqwest::Client;
use reqwest::StatusCode;
use serde_json::Value;
use serde_json::json;

use crate::program::Program;

#[tokio::test]
async fn keycloak_roles_tells_the_realm_from_the_client() {
    let issuer = TestIssuer::builder().with_path("/realms/main").with_audience("reports-api").start().await;
    let base_url = issuer.base_url();
    let mut program = Program::start("keycloak_roles", &[&base_url, "main", "reports-api"]);
    let origin = program.origin().await;
    let token = || issuer.token().claim("typ", "Bearer").claim("preferred_username", "jane").header("typ", "JWT");
    let reports = async |token: String| {
        Client::new().get(format!("{origin}/reports")).bearer_auth(token).send().await.unwrap().status()
    };

    let here = json!({ "reports-api": { "roles": ["editor"] } });
    let elsewhere = json!({ "web": { "roles": ["editor"] } });
    for (name, roles, expected) in [
        ("realm_access", json!({ "roles": ["auditor"] }), StatusCode::OK),
        ("realm_access", json!({ "roles": ["editor"] }), StatusCode::FORBIDDEN),
        ("resource_access", here.clone(), StatusCode::OK),
        ("resource_access", elsewhere, StatusCode::FORBIDDEN),
        ("resource_access", json!(["editor"]), StatusCode::UNAUTHORIZED),
    ] {
        assert_eq!(reports(token().claim(name, roles.clone()).sign()).await, expected, "{name} {roles}");
    }
    assert_eq!(reports(token().claim("typ", "ID").sign()).await, StatusCode::UNAUTHORIZED);
    assert_eq!(reports(token().audience("account").sign()).await, StatusCode::UNAUTHORIZED);

    let token = token().claim("resource_access", here).sign();
    let roles = Client::new().get(format!("{origin}/roles")).bearer_auth(token).send().await.unwrap();
    let roles: Value = serde_json::from_str(&roles.text().await.unwrap()).unwrap();
    assert_eq!(roles, json!({ "user": "jane", "of_the_realm": [], "here": ["editor"] }));
}

#[tokio::test]
async fn cloudflare_access_signs_in_on_this_machine_and_nobody_in_production() {
    let mut program = Program::start("cloudflare_access", &["develop", "dev@example.com"]);
    let origin = program.origin().await;
    assert_eq!(reqwest::get(&origin).await.unwrap().text().await.unwrap(), "hello dev@example.com\n");
    let rebound = Client::new().get(&origin).header("host", "rebound.example").send().await.unwrap();
    assert_eq!(rebound.status(), StatusCode::UNAUTHORIZED);

    let mut program = Program::start("cloudflare_access", &["my-team", "reports.example.com", "tag"]);
    let origin = program.origin().await;
    assert_eq!(reqwest::get(&origin).await.unwrap().status(), StatusCode::UNAUTHORIZED);
    // Of an issuer that nobody named, so that nothing is fetched.
    let stranger = TestIssuer::in_memory("https://their-team.cloudflareaccess.com").token().sign();
    for (name, value) in
        [("cf-access-jwt-assertion", stranger.clone()), ("cookie", format!("CF_Authorization={stranger}"))]
    {
        let answer = Client::new().get(&origin).header(name, value).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{name}");
    }
}
