//! A provider by name in a file is what its constructor makes in code.

use std::cell::RefCell;
use std::rc::Rc;

use claviger_core::Issuer;
use claviger_core::error::Problems;
use claviger_providers::auth0;
use claviger_providers::authpi;
use claviger_providers::cloudflare_access;
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
use serde_json::Value;
use serde_json::json;

use super::PROVIDERS;
use crate::config::issuer;
use crate::config::section::Section;

const TENANT: &str = "9122040d-6c67-4c5b-b112-36a304b66dad";

/// Each provider in each way that a file can name it, the members beside the name, and the issuer in code.
fn in_file_and_in_code() -> Vec<(&'static str, Value, Issuer)> {
    let api = || json!({ "audience": "api" });
    let with = |members: Value| {
        let mut all = api();
        all.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        all
    };
    vec![
        (
            "1auth",
            with(json!({ "issuer": "https://auth.example.com", "app_id": "billing" })),
            one_auth::issuer("https://auth.example.com", "api", "billing"),
        ),
        ("auth0", with(json!({ "domain": "t.eu.auth0.com" })), auth0::issuer("t.eu.auth0.com", "api")),
        (
            "auth0",
            with(json!({ "domains": ["t.eu.auth0.com", "id.example.com"] })),
            auth0::issuer_of_domains(["t.eu.auth0.com", "id.example.com"], "api"),
        ),
        ("authpi", with(json!({ "issuer_id": "i_4KJ2x" })), authpi::issuer("i_4KJ2x", "api")),
        ("authpi", with(json!({ "domain": "id.example.com" })), authpi::custom_domain_issuer("id.example.com", "api")),
        ("cloudflare_access", with(json!({ "team": "my-team" })), cloudflare_access::issuer("my-team", "api")),
        (
            "cognito",
            json!({ "user_pool": "eu-west-1_Ab1", "client_id": ["c", "d"] }),
            cognito::issuer("eu-west-1_Ab1", "c").add_audience("d"),
        ),
        (
            "cognito",
            json!({ "user_pool": "eu-west-1_Ab1", "client_id": "c", "issuer_type": "updated" }),
            cognito::updated_issuer("eu-west-1_Ab1", "c"),
        ),
        (
            "cognito",
            json!({ "user_pool": "local_Ab1", "client_id": "c", "base_url": "http://localhost:9229" }),
            cognito::emulator_issuer("http://localhost:9229", "local_Ab1", "c"),
        ),
        ("entra", with(json!({ "tenant": TENANT })), entra::issuer(TENANT, "api")),
        ("entra", with(json!({ "tenant": TENANT, "version": "2.0" })), entra::issuer(TENANT, "api")),
        ("entra", with(json!({ "tenant": TENANT, "version": "1.0" })), entra::v1_issuer(TENANT, "api")),
        ("entra", with(json!({ "tenants": [TENANT] })), entra::multi_tenant_issuer([TENANT], "api")),
        ("firebase", json!({ "project": "my-app" }), firebase::issuer("my-app")),
        ("github_actions", with(json!({ "owner": "octo" })), github_actions::issuer("octo", "api")),
        (
            "github_actions",
            with(json!({ "owner": "octo", "enterprise": "octocorp" })),
            github_actions::enterprise_issuer("octocorp", "octo", "api"),
        ),
        (
            "github_actions",
            with(json!({ "owner": "octo", "domain": "git.example.com" })),
            github_actions::server_issuer("git.example.com", "octo", "api"),
        ),
        ("gitlab", with(json!({ "namespace": "group/below" })), gitlab::issuer("gitlab.com", "group/below", "api")),
        (
            "gitlab",
            with(json!({ "namespace": "group", "domain": "git.example.com" })),
            gitlab::issuer("git.example.com", "group", "api"),
        ),
        ("google", api(), google::issuer("api")),
        (
            "keycloak",
            with(json!({ "domain": "sso.example.com", "realm": "main" })),
            keycloak::issuer("sso.example.com", "main", "api"),
        ),
        (
            "keycloak",
            with(json!({ "base_url": "http://localhost:8080/auth", "realm": "main" })),
            keycloak::issuer_under("http://localhost:8080/auth", "main", "api"),
        ),
        (
            "kubernetes",
            with(json!({ "issuer": "https://cluster.example" })),
            kubernetes::issuer("https://cluster.example", "api"),
        ),
        ("kubernetes", api(), kubernetes::in_cluster_issuer("api")),
        (
            "okta",
            with(json!({ "domain": "example.okta.com", "authorization_server": "default" })),
            okta::issuer("example.okta.com", "default", "api"),
        ),
        ("okta", json!({ "domain": "example.okta.com", "client_id": "c" }), okta::org_issuer("example.okta.com", "c")),
        (
            "openauth",
            with(json!({ "issuer": "https://auth.example.com" })),
            openauth::issuer("https://auth.example.com", "api"),
        ),
        (
            "ory",
            with(json!({ "domain": "slug.projects.oryapis.com" })),
            ory::issuer("slug.projects.oryapis.com", "api"),
        ),
        ("zitadel", with(json!({ "domain": "x.eu1.zitadel.cloud" })), zitadel::issuer("x.eu1.zitadel.cloud", "api")),
    ]
}

fn read(name: &str, members: &Value) -> Issuer {
    let mut table = members.clone();
    table["provider"] = name.into();
    let problems: Rc<RefCell<Problems>> = Rc::default();
    let issuer = issuer::read(Section::root(table, Rc::clone(&problems)));
    assert!(problems.borrow().is_empty(), "{name} {members}: {problems:?}");
    issuer
}

#[test]
fn each_name_makes_the_issuer_that_its_constructor_makes() {
    let table = in_file_and_in_code();
    for (name, members, in_code) in &table {
        assert_eq!(read(name, members), *in_code, "{name} {members}");
    }
    for (name, _) in PROVIDERS {
        assert!(table.iter().any(|(listed, ..)| *listed == name), "{name} is not in the table");
    }
}

#[test]
fn what_stands_beside_a_name_is_as_an_option_chained_on() {
    let members = json!({
        "domain": "t.eu.auth0.com", "audience": ["api", "other"], "roles_at": "https://ns.example/roles",
        "aliases": "https://id.example.com/", "required_claims": ["org_id"], "max_token_age": "1h",
    });
    let in_code = auth0::issuer("t.eu.auth0.com", "api")
        .add_audience("other")
        .with_roles_at([claviger_core::ClaimPath::elements(["https://ns.example/roles"])])
        .add_alias("https://id.example.com/")
        .require_claim("org_id")
        .with_max_token_age(std::time::Duration::from_secs(3600));
    assert_eq!(read("auth0", &members), in_code);
}
