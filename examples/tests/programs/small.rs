//! The programs that get an issuer and an audience as arguments.

use std::time::Duration;

use claviger_testing::Fault;
use claviger_testing::TestIssuer;
use reqwest::Client;
use reqwest::Response;
use reqwest::StatusCode;
use serde_json::Value;
use serde_json::json;
use tokio::time::timeout;

use crate::program::LIMIT;
use crate::program::Program;

const AUDIENCE: &str = "https://api.example.com";

async fn start(name: &str) -> (TestIssuer, Program, String) {
    let issuer = TestIssuer::start().await;
    let mut program = Program::start(name, &[issuer.url(), AUDIENCE]);
    let origin = program.origin().await;
    (issuer, program, origin)
}

async fn get(url: String, token: &str) -> Response {
    Client::new().get(url).bearer_auth(token).send().await.unwrap()
}

async fn json_of(response: Response) -> Value {
    serde_json::from_str(&response.text().await.unwrap()).unwrap()
}

#[tokio::test]
async fn minimal_greets_who_has_a_token() {
    let (issuer, _program, origin) = start("minimal").await;
    let greeted = get(format!("{origin}/hello"), &issuer.token().claim("sub", "alice").sign()).await;
    assert_eq!(greeted.status(), StatusCode::OK);
    assert_eq!(greeted.text().await.unwrap(), "hello alice\n");

    let refused = reqwest::get(format!("{origin}/hello")).await.unwrap();
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    let challenges: Vec<_> = refused.headers().get_all("www-authenticate").iter().collect();
    assert_eq!(challenges, [r#"Bearer realm="api", DPoP algs="ES256 ES384 EdDSA Ed25519 RS256 PS256""#]);
}

#[tokio::test]
async fn custom_claims_are_demanded_at_the_layer() {
    let (issuer, _program, origin) = start("custom_claims").await;
    let url = format!("{origin}/organization");
    let member = issuer.token().claim("sub", "alice").claim("org_id", "acme");

    let admin = get(url.clone(), &member.clone().claim("roles", json!(["admin"])).sign()).await;
    assert_eq!(json_of(admin).await, json!({ "organization": "acme", "member": "alice", "administers": true }));
    let plain = get(url.clone(), &member.clone().sign()).await;
    assert_eq!(json_of(plain).await["administers"], false);

    for token in [issuer.token(), member.claim("roles", json!(["emperor"]))] {
        assert_eq!(get(url.clone(), &token.sign()).await.status(), StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn custom_response_changes_the_body_alone() {
    let (issuer, _program, origin) = start("custom_response").await;
    assert_eq!(get(origin.clone(), &issuer.token().sign()).await.status(), StatusCode::OK);

    let refused = get(origin, "junk").await;
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    let challenges = refused.headers()["www-authenticate"].to_str().unwrap();
    let (bearer, dpop) = challenges.split_once(", DPoP ").unwrap();
    assert!(bearer.starts_with("Bearer ") && bearer.contains(r#"error="invalid_token""#), "{bearer}");
    assert!(!dpop.contains("error"), "{dpop}");
    assert_eq!(refused.headers()["cache-control"], "no-store");
    assert_eq!(refused.headers()["content-type"], "application/json");
    let body = json_of(refused).await;
    assert_eq!((&body["ok"], &body["code"]), (&json!(false), &json!(401)));
}

/// The one test that lets real time pass: a process has no clock that could be moved.
#[tokio::test]
async fn expiring_stream_ends_with_its_token() {
    let issuer = TestIssuer::start().await;
    // To the second: without leeway and jitter.
    let mut program = Program::start("expiring_stream", &[issuer.url(), AUDIENCE, "0", "0"]);
    let origin = program.origin().await;
    let token = issuer.token().expires_in(Duration::from_secs(3)).sign();
    let stream = get(origin.clone(), &token).await;
    assert_eq!(stream.status(), StatusCode::OK);
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    let events = timeout(LIMIT, stream.text()).await.expect("the stream ends").unwrap();
    assert!(events.starts_with("data: 0\n\n"), "{events}");
    assert!(events.ends_with("event: expired\ndata: get another token\n\n"), "{events}");
    assert_eq!(get(origin, &token).await.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn without_axum_the_same_layers_guard_hyper() {
    let (issuer, _program, origin) = start("without_axum").await;
    let allowed = get(origin.clone(), &issuer.token().claim("sub", "alice").scope("read:reports").sign()).await;
    assert_eq!(allowed.status(), StatusCode::OK);
    assert_eq!(allowed.text().await.unwrap(), "the reports of alice\n");
    assert_eq!(get(origin.clone(), &issuer.token().sign()).await.status(), StatusCode::FORBIDDEN);
    assert_eq!(reqwest::get(origin).await.unwrap().status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn cookie_session_takes_the_cookie_from_pages_of_its_own_alone() {
    let (issuer, _program, origin) = start("cookie_session").await;
    let session = format!("{origin}/session");
    let client = Client::new();
    let token = issuer.token().claim("sub", "alice").sign();
    let signed_in = client.post(&session).bearer_auth(&token).send().await.unwrap();
    assert_eq!(signed_in.status(), StatusCode::OK);
    let set = signed_in.headers()["set-cookie"].to_str().unwrap().to_owned();
    let (cookie, attributes) = set.split_once("; ").unwrap();
    assert_eq!(cookie, format!("__Host-session={token}"));
    assert_eq!(attributes, "Path=/; Secure; HttpOnly; SameSite=Lax");

    for (cookie, greeting) in [(cookie, "hello alice\n"), ("__Host-session=old", "hello stranger\n")] {
        let greeted = client.get(&origin).header("cookie", cookie).send().await.unwrap();
        assert_eq!(greeted.headers()["cache-control"], "private");
        assert_eq!(greeted.text().await.unwrap(), greeting);
    }
    let write = async |field: (&str, &str), cookie: &str| {
        let note = client.post(format!("{origin}/notes")).header("cookie", cookie).header(field.0, field.1);
        note.body("milk").send().await.unwrap().status()
    };
    assert_eq!(write(("origin", &origin), cookie).await, StatusCode::OK);
    assert_eq!(write(("sec-fetch-site", "same-origin"), cookie).await, StatusCode::OK);
    assert_eq!(write(("origin", "https://evil.example"), cookie).await, StatusCode::FORBIDDEN);
    assert_eq!(write(("origin", &origin), "__Host-session=old").await, StatusCode::UNAUTHORIZED);

    assert_eq!(client.post(&session).send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
    let signed_out = client.delete(&session).send().await.unwrap();
    assert!(signed_out.headers()["set-cookie"].to_str().unwrap().ends_with("; Max-Age=0"));
}

#[tokio::test]
async fn readiness_follows_the_keys() {
    let (issuer, _program, origin) = start("readiness").await;
    let ready = reqwest::get(format!("{origin}/ready")).await.unwrap();
    assert_eq!(ready.status(), StatusCode::OK);
    assert_eq!(json_of(ready).await, json!({ "issuers": [{ "issuer": issuer.url(), "keys": "fresh" }] }));
    assert_eq!(issuer.fetches().jwks(), 1);
    assert_eq!(get(origin, &issuer.token().sign()).await.status(), StatusCode::OK);

    let down = TestIssuer::start().await;
    down.fail_jwks(Fault::Status(StatusCode::NOT_FOUND));
    let mut program = Program::start("readiness", &[down.url(), AUDIENCE]);
    let origin = program.origin().await;
    let not_ready = reqwest::get(format!("{origin}/ready")).await.unwrap();
    assert_eq!(not_ready.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(json_of(not_ready).await["issuers"][0]["keys"], "empty");
}

#[tokio::test]
async fn scopes_guard_each_method_of_each_route() {
    let (issuer, mut program, origin) = start("scopes").await;
    let mut report = Vec::new();
    for _ in 0..4 {
        report.push(program.line().await);
    }
    let expected = [
        r#"GET /reports "read:reports""#,
        r#"POST /reports any("write:reports", role("editor"))"#,
        r#"* /tenants/{tenant} path(tenant = "tenant_id")"#,
        "* /health open",
    ];
    assert_eq!(report, expected);
    let reports = format!("{origin}/reports");
    let post = async |token: &str| {
        let request = Client::new().post(&reports).bearer_auth(token).header("content-type", "application/json");
        request.body("\"May\"").send().await.unwrap().status()
    };
    let (reader, admin) = (issuer.token().scope("read:reports").sign(), issuer.token().scope("admin").sign());
    assert_eq!(get(reports.clone(), &reader).await.status(), StatusCode::OK);
    assert_eq!(get(reports.clone(), &admin).await.status(), StatusCode::OK);
    assert_eq!(post(&reader).await, StatusCode::FORBIDDEN);
    assert_eq!(post(&admin).await, StatusCode::OK);
    assert_eq!(post(&issuer.token().claim("roles", ["editor"]).sign()).await, StatusCode::OK);

    let tenant = issuer.token().claim("tenant_id", "t1").sign();
    assert_eq!(get(format!("{origin}/tenants/t1"), &tenant).await.status(), StatusCode::OK);
    assert_eq!(get(format!("{origin}/tenants/t2"), &tenant).await.status(), StatusCode::FORBIDDEN);
    assert_eq!(get(format!("{origin}/archive"), &tenant).await.status(), StatusCode::OK);
    assert_eq!(reqwest::get(format!("{origin}/health")).await.unwrap().status(), StatusCode::OK);
    assert_eq!(reqwest::get(format!("{origin}/archive")).await.unwrap().status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn attributes_demand_what_is_written_above_each_handler() {
    let (issuer, _program, origin) = start("attributes").await;
    let employee = issuer.token().claim("sub", "employee|alice");
    for (path, token, expected) in [
        ("/reports", employee.clone().scope("read:reports"), Some("the reports of employee|alice\n")),
        ("/reports", employee.clone().scope("write:reports"), None),
        ("/tenants/acme", employee.clone().scope("read:tenants").claim("tenant_id", "acme"), Some("tenant acme\n")),
        ("/tenants/other", employee.clone().scope("read:tenants").claim("tenant_id", "acme"), None),
        ("/audit", employee.clone().claim("roles", json!(["auditor"])), Some("nothing happened\n")),
        ("/audit", employee.clone().scope("audit").claim("department", "staff"), Some("nothing happened\n")),
        ("/audit", employee.scope("audit"), None),
        ("/audit", issuer.token().claim("roles", json!(["auditor"])), None),
    ] {
        let answer = get(format!("{origin}{path}"), &token.sign()).await;
        let status = if expected.is_some() { StatusCode::OK } else { StatusCode::FORBIDDEN };
        assert_eq!(answer.status(), status, "{path}");
        if let Some(expected) = expected {
            assert_eq!(answer.text().await.unwrap(), expected);
        }
    }
}
