//! What each provider gives out is believed, and read as its claims.

use claviger::ScopePolicy;
use claviger::VerifiedToken;
use claviger::error::Reason;
use claviger_providers::auth0;
use claviger_providers::authpi;
use claviger_providers::cloudflare_access::Principal;
use claviger_providers::cognito;
use claviger_providers::entra;
use claviger_providers::firebase;
use claviger_providers::github_actions;
use claviger_providers::gitlab;
use claviger_providers::google;
use claviger_providers::keycloak;
use claviger_providers::kubernetes;
use claviger_providers::okta;
use claviger_providers::one_auth;
use claviger_providers::openauth;
use claviger_providers::ory;
use claviger_providers::zitadel;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::json;

use crate::providers::Preset;
use crate::providers::World;
use crate::providers::presets;
use crate::providers::presets::CUSTOMER;
use crate::providers::presets::TENANT;
use crate::providers::world::sign;

async fn believed(name: &str, change: impl FnOnce(&mut Value)) -> VerifiedToken {
    let preset = Preset::named(name);
    let mut claims = preset.claims("one");
    change(&mut claims);
    let token = sign(preset.typ, &claims);
    preset.world("one").verify((preset.issuer)("one"), &token).await.unwrap_or_else(|error| panic!("{name}: {error}"))
}

async fn claims<C: DeserializeOwned + Clone + Send + Sync + 'static>(name: &str) -> C {
    C::clone(&*believed(name, |_| {}).await.claims::<C>().unwrap())
}

#[tokio::test]
async fn a_token_as_the_provider_documents_it_is_believed() {
    for preset in presets() {
        believed(preset.name, |_| {}).await;
    }
}

#[tokio::test]
async fn members_that_nobody_has_heard_of_change_nothing() {
    for preset in presets() {
        believed(preset.name, |claims| claims["https://example.com/new"] = json!({ "nested": [1] })).await;
    }
}

#[tokio::test]
async fn auth0_of_either_profile() {
    let claims: auth0::Claims = claims("auth0").await;
    assert_eq!(claims.client(), Some("K1AUPhZq8mRi0Q0pjhkfu1D7y6KjDQja"));
    assert!(claims.permits("read:reports") && !claims.permits("read"));
    assert_eq!(claims.org_id.as_deref(), Some("org_9ybsU1dN2dKfDkBi"));

    let preset = Preset::named("auth0");
    let mut claims = preset.claims("one");
    let client = claims.as_object_mut().unwrap().remove("azp").unwrap();
    claims["client_id"] = client;
    claims["jti"] = "ZMQ1".into();
    let issuer = (preset.issuer)("one").with_profile(claviger::Profile::Rfc9068);
    let token = preset.world("one").verify(issuer, &sign(Some("at+jwt"), &claims)).await.unwrap();
    assert_eq!(token.claims::<auth0::Claims>().unwrap().client(), Some("K1AUPhZq8mRi0Q0pjhkfu1D7y6KjDQja"));
}

#[tokio::test]
async fn organizations_of_authpi_may_be_absent_none_one_and_many() {
    let claims: authpi::Claims = claims("authpi").await;
    assert_eq!(claims.organization("org_1").unwrap().scopes, ["billing"]);
    assert!(claims.organization("org_2").is_none());
    let one = json!({ "id": "org_1", "title": "One", "scopes": [] });
    for (organizations, expected) in
        [(json!(null), None), (json!([]), Some(0)), (json!([one]), Some(1)), (json!([one, { "id": "org_2" }]), Some(2))]
    {
        let token = believed("authpi", |claims| claims["organizations"] = organizations).await;
        let found = token.claims::<authpi::Claims>().unwrap();
        assert_eq!(found.organizations.as_ref().map(Vec::len), expected);
    }
    let token = believed("authpi", |claims| claims["organizations"] = json!("org_1")).await;
    assert!(token.claims::<authpi::Claims>().is_err());
}

#[tokio::test]
async fn cloudflare_access_has_users_and_services() {
    let Principal::User(user) = claims("cloudflare-access").await else { panic!("no user") };
    assert_eq!((user.email.as_str(), user.country.as_deref()), ("user@example.com", Some("US")));
    let token = believed("cloudflare-access", |claims| {
        let members = claims.as_object_mut().unwrap();
        for name in ["email", "nbf", "identity_nonce", "country"] {
            members.remove(name);
        }
        claims["sub"] = "".into();
        claims["common_name"] = "88bf3b6d.access".into();
    })
    .await;
    let Principal::Service(service) = &*token.claims::<Principal>().unwrap() else { panic!("no service") };
    assert_eq!(service.common_name, "88bf3b6d.access");
}

#[tokio::test]
async fn auth0_at_several_domains_of_one_tenant() {
    let preset = Preset::named("auth0");
    let domains = ["tenant.eu.auth0.com", "login.example.com"];
    let verifier = preset.world("one").verifier(auth0::issuer_of_domains(domains, "https://one.example.com"));
    for (iss, expected) in [
        ("https://tenant.eu.auth0.com/", None),
        ("https://login.example.com/", None),
        ("https://login.example.com", Some(Reason::UnknownIssuer)),
        ("https://other.eu.auth0.com/", Some(Reason::UnknownIssuer)),
    ] {
        let mut claims = preset.claims("one");
        claims["iss"] = iss.into();
        let verdict = verifier.verify(&sign(Some("JWT"), &claims)).await;
        assert_eq!(verdict.as_ref().err().map(|error| error.reason()), expected, "{iss}");
        assert!(verdict.is_err() || verdict.unwrap().issuer() == "https://tenant.eu.auth0.com/", "{iss}");
    }
}

#[tokio::test]
async fn one_auth_with_the_claims_of_its_pages_alone() {
    let documented = ["iss", "sub", "aud", "app_id", "iat", "exp"];
    believed("1auth", |claims| claims.as_object_mut().unwrap().retain(|name, _| documented.contains(&name.as_str())))
        .await;
}

#[tokio::test]
async fn openauth_without_the_time_of_issue() {
    let token = believed("openauth", |claims| {
        claims.as_object_mut().unwrap().remove("iat");
    })
    .await;
    let user = token.claims::<openauth::Claims>().unwrap();
    assert_eq!((user.kind.as_str(), &user.properties), ("user", &json!({ "id": "123" })));
}

#[tokio::test]
async fn cognito_with_an_audience_that_was_asked_for() {
    let claims: cognito::Claims = claims("cognito").await;
    assert_eq!((claims.client_id.as_str(), claims.groups), ("client-one", vec!["admins".to_owned()]));
    believed("cognito", |claims| claims["aud"] = "client-one".into()).await;
}

#[tokio::test]
async fn entra_of_both_versions() {
    let user: entra::Claims = claims("entra").await;
    assert_eq!((user.client(), user.is_application()), (Some("b73f4f95"), false));
    assert_eq!(user.roles, ["Auditor"]);
    let application: entra::Claims = claims("entra v1").await;
    assert_eq!((application.client(), application.is_application()), (Some("c44b4083"), true));
}

#[tokio::test]
async fn entra_of_several_tenants_and_of_no_other() {
    const STRANGER: &str = "00000000-1111-2222-3333-444444444444";
    let name = |tenant: &str| format!("https://login.microsoftonline.com/{tenant}/v2.0");
    let published = "https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration";
    let world = World::with_metadata(&name("{tenantid}"), published);
    let verifier = world.verifier(entra::multi_tenant_issuer([TENANT, CUSTOMER], "client-one"));
    for (iss, tid, expected) in [
        (TENANT, TENANT, None),
        (CUSTOMER, CUSTOMER, None),
        (TENANT, CUSTOMER, Some(Reason::WrongClaim)),
        (STRANGER, STRANGER, Some(Reason::UnknownIssuer)),
        ("common", TENANT, Some(Reason::UnknownIssuer)),
        ("{tenantid}", TENANT, Some(Reason::UnknownIssuer)),
    ] {
        let mut claims = Preset::named("entra").claims("one");
        claims["iss"] = name(iss).into();
        claims["tid"] = tid.into();
        let verdict = verifier.verify(&sign(Some("JWT"), &claims)).await;
        assert_eq!(verdict.err().map(|error| error.reason()), expected, "{iss} {tid}");
    }
}

#[tokio::test]
async fn role_guards_know_the_roles_of_the_provider() {
    for (name, role, is_known) in [
        ("entra", "Auditor", true),
        ("keycloak", "editor", true),
        ("keycloak", "auditor", false),
        ("keycloak", "view-profile", false),
        ("zitadel", "editor", true),
        ("zitadel", "owner", false),
        ("zitadel", "1111", false),
    ] {
        let policy = ScopePolicy::role(role).unwrap();
        assert_eq!(policy.decide(&believed(name, |_| {}).await).is_ok(), is_known, "{name} {role}");
    }
}

#[tokio::test]
async fn workloads() {
    let job: github_actions::Claims = claims("github-actions").await;
    assert_eq!((job.repository.as_str(), job.git_ref.as_str()), ("octo-one/site", "refs/heads/main"));
    let job: gitlab::Claims = claims("gitlab").await;
    assert!(job.is_protected());
    assert_eq!(job.project_path, "group-one/site");
    let pod: kubernetes::Claims = claims("kubernetes").await;
    assert_eq!((pod.namespace(), pod.service_account()), ("shop", "checkout"));
    assert_eq!(pod.kubernetes.pod.unwrap().name, "checkout-1");
}

#[tokio::test]
async fn people_who_have_logged_in() {
    let user: firebase::Claims = claims("firebase").await;
    assert_eq!((user.sign_in_provider(), user.email_verified), ("password", true));
    let user: google::Claims = claims("google").await;
    assert_eq!((user.hd.as_deref(), user.email_verified), (Some("example.com"), true));
}

#[tokio::test]
async fn google_by_both_spellings_of_its_name() {
    believed("google", |claims| claims["iss"] = "accounts.google.com".into()).await;
}

#[tokio::test]
async fn roles_of_keycloak_are_of_the_realm_or_of_one_client() {
    let user: keycloak::Claims = claims("keycloak").await;
    assert!(user.has_realm_role("auditor") && user.has_client_role("api-one", "editor"));
    assert!(!user.has_realm_role("editor") && !user.has_client_role("api-one", "auditor"));
    assert!(!user.has_client_role("account", "editor"));
    let token = believed("keycloak", |claims| {
        claims
            .as_object_mut()
            .unwrap()
            .retain(|name, _| !["realm_access", "resource_access", "sub"].contains(&&**name));
    })
    .await;
    assert!(!token.claims::<keycloak::Claims>().unwrap().has_realm_role("auditor"));
}

#[tokio::test]
async fn the_others() {
    let user: one_auth::Claims = claims("1auth").await;
    assert_eq!((user.app_id.as_str(), user.roles), ("one", vec!["admin".to_owned()]));
    let user: okta::Claims = claims("okta").await;
    assert_eq!((user.scp.len(), user.groups), (2, vec!["Staff".to_owned()]));
    let user: ory::Claims = claims("ory").await;
    assert_eq!(user.ext["plan"], "gold");
    let user: zitadel::Claims = claims("zitadel").await;
    for (project, role, organization, is_granted) in [
        ("27346-one", "editor", "1111", true),
        ("27346-one", "editor", "2222", false),
        ("27346-one", "owner", "1111", false),
        ("99999", "owner", "1111", true),
        ("", "owner", "1111", false),
    ] {
        assert_eq!(user.has_role(project, role, organization), is_granted, "{project} {role} {organization}");
    }
    let token =
        believed("zitadel", |claims| claims["urn:zitadel:iam:org:project:99999:roles"] = json!(["owner"])).await;
    assert_eq!(token.claims::<zitadel::Claims>().err().map(|error| error.reason()), Some(Reason::ClaimsShape));
}

#[tokio::test]
async fn ory_has_scopes_in_one_of_two_claims() {
    let token = believed("ory", |claims| {
        claims.as_object_mut().unwrap().remove("scp");
        claims["scope"] = "reports offline".into();
    })
    .await;
    assert!(token.has_scope("reports"));
    assert_eq!(token.claims::<ory::Claims>().unwrap().scope.as_deref(), Some("reports offline"));
}

#[tokio::test]
async fn scopes_are_found_where_the_provider_has_them() {
    for (name, scope) in [
        ("auth0", "read:reports"),
        ("authpi", "read:reports"),
        ("cognito", "reports/read"),
        ("entra", "Reports.Read"),
        ("keycloak", "profile"),
        ("okta", "reports.read"),
        ("ory", "reports"),
    ] {
        assert!(believed(name, |_| {}).await.scopes().any(|found| found == scope), "{name}");
    }
}
