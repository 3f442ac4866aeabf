//! What a believed token grants where its issuer puts it: roles, permissions, organizations.

use claviger::ClaimPath;
use claviger::Issuer;
use claviger::Organizations;
use claviger::ScopePolicy;
use claviger::VerifiedToken;
use claviger::Verifier;
use claviger::error::Reason;
use claviger_testing::TestIssuer;
use serde_json::Value;
use serde_json::json;

use crate::support::AUDIENCE;

async fn believed(change: impl FnOnce(Issuer) -> Issuer, claims: Value) -> VerifiedToken {
    let issuer = TestIssuer::in_memory("https://a.example");
    let rules = change(Issuer::new(issuer.url(), AUDIENCE).with_jwks(issuer.jwks()));
    let verifier = Verifier::builder(rules).build().unwrap();
    let members = claims.as_object().unwrap().iter();
    let token = members.fold(issuer.token(), |token, (name, value)| token.claim(name, value.clone()));
    verifier.verify(&token.sign()).await.unwrap()
}

/// The shapes of Keycloak, of Zitadel, and of RFC 9068.
fn everywhere() -> Value {
    json!({
        "roles": ["plain"],
        "permissions": ["do:plain"],
        "realm_access": { "roles": ["realm"], "permissions": "do:realm" },
        "resource_access": { "reports": { "roles": ["client"] }, "other": { "roles": ["foreign"] } },
        "urn:zitadel:iam:org:project:roles": { "owner": { "1": "acme.zitadel.example" } },
    })
}

#[tokio::test]
async fn roles_are_read_where_the_issuer_has_them_and_nowhere_else() {
    let all = ["plain", "realm", "client", "foreign", "owner", "roles", "1"];
    let roles = |token: &VerifiedToken| all.into_iter().filter(|role| token.has_role(role)).collect::<Vec<_>>();
    assert_eq!(roles(&believed(|issuer| issuer, everywhere()).await), ["plain"]);
    let keycloak = |issuer: Issuer| {
        issuer.with_roles_at([
            ClaimPath::elements(["realm_access", "roles"]),
            ClaimPath::elements(["resource_access", "reports", "roles"]),
        ])
    };
    let token = believed(keycloak, everywhere()).await;
    assert_eq!(roles(&token), ["realm", "client"]);
    assert!(ScopePolicy::role("client").unwrap().decide(&token).is_ok());
    assert!(ScopePolicy::role("plain").unwrap().decide(&token).is_err());
    let zitadel = |issuer: Issuer| issuer.with_roles_at([ClaimPath::names(["urn:zitadel:iam:org:project:roles"])]);
    assert_eq!(roles(&believed(zitadel, everywhere()).await), ["owner"]);
}

#[tokio::test]
async fn permissions_are_read_where_the_issuer_has_them() {
    let token = believed(|issuer| issuer, everywhere()).await;
    assert!(token.has_permission("do:plain") && !token.has_permission("do:realm"));
    let elsewhere = |issuer: Issuer| issuer.with_permissions_at([ClaimPath::elements(["realm_access", "permissions"])]);
    let token = believed(elsewhere, everywhere()).await;
    assert!(token.has_permission("do:realm") && !token.has_permission("do:plain"));
}

#[test]
fn a_path_leads_somewhere() {
    for wrong in [ClaimPath::elements([""; 0]), ClaimPath::names(["a", " "])] {
        let issuer = Issuer::new("https://a.example", AUDIENCE);
        let issuer = issuer.with_roles_at([wrong.clone()]).with_permissions_at([wrong]);
        let error = Verifier::builder(issuer).build().unwrap_err();
        let paths: Vec<_> = error.problems().iter().map(|problem| problem.path()).collect();
        assert_eq!(paths, ["issuers[0].roles_at", "issuers[0].permissions_at"]);
    }
}

#[tokio::test]
async fn organizations_are_absent_none_one_or_many() {
    let one = |id: &str| json!({ "id": id, "title": null, "scopes": ["read"], "joined_at": "2026-01-01T00:00:00Z" });
    let organizations = async |claims: Value| believed(|issuer| issuer, claims).await.organizations();
    assert_eq!(organizations(json!({})).await.unwrap(), Organizations::Absent);
    assert_eq!(organizations(json!({ "organizations": null })).await.unwrap(), Organizations::Absent);
    assert_eq!(organizations(json!({ "organizations": [] })).await.unwrap(), Organizations::Empty);
    let Organizations::One(only) = organizations(json!({ "organizations": [one("org_1")] })).await.unwrap() else {
        panic!("it lists one");
    };
    assert_eq!((only.id.as_str(), only.title, only.scopes), ("org_1", None, vec!["read".to_owned()]));
    let many = organizations(json!({ "organizations": [one("org_1"), one("org_2")] })).await.unwrap();
    assert_eq!(many.as_slice().len(), 2);
    assert!(many.find("org_2").is_some() && many.find("org_3").is_none());
    for wrong in [json!("org_1"), json!([1]), json!([{ "title": "x" }]), json!({ "id": "org_1" })] {
        let error = organizations(json!({ "organizations": wrong })).await.unwrap_err();
        assert_eq!(error.reason(), Reason::WrongClaim);
    }
}
