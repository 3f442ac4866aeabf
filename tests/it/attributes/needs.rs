//! Everything that can be written, and which tokens have it.

use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use claviger::authorize::Demand;
use claviger::error::Reason;
use claviger::extract::Scoped;
use claviger::require_scope;
use http::StatusCode;
use serde_json::Value;
use serde_json::json;
use tower::ServiceExt;

use crate::attributes::Api;
use crate::attributes::anonymous;
use crate::attributes::is_staff;
use crate::support::NOW;

#[require_scope("read:reports", "read:orders")]
async fn scopes() {}

#[require_scope(any("read:reports", all("admin", role("auditor")), permission("delete:reports")))]
async fn alternatives() {}

#[require_scope(permission("delete:reports"))]
async fn permission() {}

#[require_scope(role("auditor"))]
async fn role() {}

#[require_scope(organization("org_1"))]
async fn organization() {}

#[require_scope(organization(path = "org"))]
async fn organization_in_path() {}

#[require_scope(claim(org_id))]
async fn claim() {}

#[require_scope(claim(tier = "gold"), claim("https://ns.example/level" = 7), claim(email_verified = true))]
async fn claims() {}

#[require_scope(path(tenant = "tenant_id"))]
async fn path(Path(tenant): Path<String>) -> String {
    tenant
}

#[require_scope(acr("gold", "silver"))]
async fn acr() {}

#[require_scope(max_age = "5m")]
async fn max_age() {}

#[require_scope(predicate(is_staff))]
async fn predicate() {}

#[require_scope(authenticated)]
async fn authenticated() {}

#[require_scope(denied)]
async fn denied() {}

fn each() -> Api {
    Api::of(
        Router::new()
            .route("/scopes", get(scopes))
            .route("/alternatives", get(alternatives))
            .route("/permission", get(permission))
            .route("/role", get(role))
            .route("/organization", get(organization))
            .route("/organizations/{org}", get(organization_in_path))
            .route("/claim", get(claim))
            .route("/claims", get(claims))
            .route("/tenants/{tenant}", get(path))
            .route("/acr", get(acr))
            .route("/max_age", get(max_age))
            .route("/predicate", get(predicate))
            .route("/authenticated", get(authenticated))
            .route("/denied", get(denied)),
    )
}

fn member_of(organizations: &[&str]) -> Value {
    let listed: Vec<_> = organizations.iter().map(|id| json!({"id": id})).collect();
    json!({"organizations": listed})
}

#[tokio::test]
async fn a_token_passes_if_it_has_what_is_written() {
    let api = each();
    let level = "https://ns.example/level";
    for (path, claims) in [
        ("/scopes", json!({"scope": "read:orders other read:reports"})),
        ("/alternatives", json!({"scope": "read:reports"})),
        ("/alternatives", json!({"scope": "admin", "roles": ["auditor"]})),
        ("/alternatives", json!({"permissions": ["delete:reports"]})),
        ("/permission", json!({"permissions": ["read", "delete:reports"]})),
        ("/role", json!({"roles": ["auditor"]})),
        ("/organization", member_of(&["org_2", "org_1"])),
        ("/organizations/org_2", member_of(&["org_2"])),
        ("/organizations/org%202", member_of(&["org 2"])),
        ("/claim", json!({"org_id": "acme"})),
        ("/claim", json!({"org_id": false})),
        ("/claims", json!({"tier": "gold", level: 7, "email_verified": true})),
        ("/tenants/acme", json!({"tenant_id": "acme"})),
        ("/tenants/7", json!({"tenant_id": 7})),
        ("/acr", json!({"acr": "gold"})),
        ("/acr", json!({"acr": "silver"})),
        ("/max_age", json!({"auth_time": NOW - 300})),
        ("/predicate", json!({"sub": "staff|alice"})),
        ("/authenticated", json!({})),
    ] {
        let answer = api.ask(path, &claims).await;
        assert_eq!(answer.status, StatusCode::OK, "{path} {claims}");
    }
}

#[tokio::test]
async fn a_token_that_lacks_what_is_written_is_403() {
    let api = each();
    let level = "https://ns.example/level";
    for (path, claims, scope) in [
        ("/scopes", json!({"scope": "read:reports"}), "read:reports read:orders"),
        ("/scopes", json!({"scope": "read:reports", "permissions": ["read:orders"]}), "read:reports read:orders"),
        ("/scopes", json!({}), "read:reports read:orders"),
        ("/alternatives", json!({"scope": "admin"}), "read:reports"),
        ("/alternatives", json!({"roles": ["auditor"]}), "read:reports"),
        ("/alternatives", json!({}), "read:reports"),
    ] {
        api.ask(path, &claims).await.assert_insufficient_scope(scope);
    }
    for (path, claims) in [
        ("/permission", json!({"scope": "delete:reports"})),
        ("/role", json!({"roles": ["Auditor"]})),
        ("/organization", member_of(&["org_2", "Org_1"])),
        ("/organization", member_of(&[])),
        ("/organization", json!({"organizations": "org_1", "org_id": "org_1"})),
        ("/organizations/org_1", member_of(&["org_2"])),
        ("/organizations/org_1", json!({})),
        ("/claim", json!({"org_id": null})),
        ("/claims", json!({"tier": "gold", level: 7})),
        ("/claims", json!({"tier": "gold", level: "7", "email_verified": true})),
        ("/claims", json!({"tier": "gold", level: 7, "email_verified": "true"})),
        ("/tenants/other", json!({"tenant_id": "acme"})),
        ("/tenants/acme", json!({})),
        ("/predicate", json!({"sub": "alice"})),
        ("/denied", json!({"scope": "read:reports admin"})),
    ] {
        api.ask(path, &claims).await.assert_forbidden();
    }
}

/// RFC 9470, section 3.
#[tokio::test]
async fn an_authentication_that_is_not_enough_is_401_and_says_what_is() {
    let api = each();
    let weak = api.ask("/acr", &json!({"acr": "bronze"})).await;
    weak.assert_step_up(Some("gold silver"), None, None);
    for claims in [json!({"auth_time": NOW - 331}), json!({})] {
        api.ask("/max_age", &claims).await.assert_step_up(None, Some("300"), None);
    }
}

#[tokio::test]
async fn an_anonymous_request_is_asked_for_credentials_with_the_scope() {
    let api = each();
    let answer = api.send(anonymous("/scopes")).await;
    answer.assert_asks_for_credentials(Reason::MissingCredentials);
    assert_eq!(answer.parameter("scope").as_deref(), Some("read:reports read:orders"));
    let answer = api.send(anonymous("/authenticated")).await;
    answer.assert_asks_for_credentials(Reason::MissingCredentials);
    assert_eq!(answer.parameter("scope"), None);
}

#[tokio::test]
async fn without_the_layer_it_is_500() {
    let app = Router::new().route("/", get(authenticated));
    let response = app.oneshot(anonymous("/")).await.unwrap();
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
}

mod staff {
    use claviger::VerifiedToken;

    pub(super) fn is_cleaner(token: &VerifiedToken) -> bool {
        token.has_role("cleaner")
    }
}

fn text<D: Demand, T, F>(_: impl Fn(Scoped<D, T>) -> F) -> String {
    D::policy().to_string()
}

macro_rules! text_of {
    ($($written:tt)*) => {{
        #[require_scope($($written)*)]
        async fn handler() {}
        text(handler)
    }};
}

#[test]
fn a_policy_is_shown_as_the_attribute_is_written() {
    for (shown, written) in [
        (text_of!("a"), r#""a""#),
        (text_of!("a", "b",), r#""a", "b""#),
        (text_of!(any("a", "b", all("c", role("r")))), r#"any("a", "b", all("c", role("r")))"#),
        (text_of!("a", any("b", "c"), any("d", "e")), r#""a", any("b", "c"), any("d", "e")"#),
        (text_of!(permission("p"), role("r")), r#"permission("p"), role("r")"#),
        (
            text_of!(organization("org_1"), organization(path = "org")),
            r#"organization("org_1"), organization(path = "org")"#,
        ),
        (text_of!(claim(org_id)), "claim(org_id)"),
        (text_of!(claim(r#type = "x")), r#"claim(type = "x")"#),
        (text_of!(claim(type = "x\"y")), r#"claim(type = "x\"y")"#),
        (text_of!(claim("https://ns.example/tier" = 7)), r#"claim("https://ns.example/tier" = 7)"#),
        (text_of!(claim("https://ns.example/tier")), r#"claim("https://ns.example/tier")"#),
        (text_of!(claim(level = -7), claim(is_new = false)), "claim(level = -7), claim(is_new = false)"),
        (text_of!(claim(level = 18446744073709551615)), "claim(level = 18446744073709551615)"),
        (text_of!(path(tenant = "tenant_id")), r#"path(tenant = "tenant_id")"#),
        (text_of!(path("tenant-id" = "tenant_id")), r#"path("tenant-id" = "tenant_id")"#),
        (text_of!(acr("gold", "silver")), r#"acr("gold", "silver")"#),
        (text_of!(max_age = 300), "max_age = 300"),
        (text_of!(predicate(is_staff)), "predicate(is_staff)"),
        (text_of!(predicate(staff::is_cleaner)), "predicate(staff::is_cleaner)"),
        (text_of!(authenticated), "authenticated"),
        (text_of!(denied), "denied"),
    ] {
        assert_eq!(shown, written);
    }
    assert_eq!(text_of!(max_age = "5m"), "max_age = 300");
    assert_eq!(text_of!(max_age = "2h"), "max_age = 7200");
    assert_eq!(text_of!(all("a", "b")), r#""a", "b""#);
}
