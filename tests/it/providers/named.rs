//! Providers by name in a configuration file.

use std::time::SystemTime;

use claviger::AuthConfig;
use claviger::error::ConfigError;
use serde_json::json;

use crate::providers::world::jwks;
use crate::providers::world::sign;
use crate::support::problem_paths;
use crate::support::read_config;

fn read(table: &str) -> Result<AuthConfig, ConfigError> {
    read_config(&format!("[[issuers]]\n{table}"))
}

fn problems(table: &str) -> Vec<String> {
    problem_paths(read(table))
}

/// Each provider with the members that it needs, and the issuer that comes of it.
const PROVIDERS: [(&str, &str, &str); 25] = [
    ("1auth", "issuer = 'https://auth.example.com'\napp_id = 'billing'\naudience = 'api'", "https://auth.example.com"),
    ("auth0", "domain = 'tenant.eu.auth0.com'\naudience = 'api'", "https://tenant.eu.auth0.com/"),
    (
        "auth0",
        "domains = ['tenant.eu.auth0.com', 'login.example.com']\naudience = 'api'",
        "https://tenant.eu.auth0.com/",
    ),
    ("authpi", "issuer_id = 'i_4KJ2x'\naudience = 'api'", "https://idp.authpi.com/i_4KJ2x"),
    ("authpi", "domain = 'id.example.com'\naudience = 'api'", "https://id.example.com"),
    ("cloudflare_access", "team = 'my-team'\naudience = ['a', 'b']", "https://my-team.cloudflareaccess.com"),
    (
        "cognito",
        "user_pool = 'eu-west-1_Ab1'\nclient_id = 'c'",
        "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab1",
    ),
    (
        "cognito",
        "base_url = 'http://localhost:9229'\nuser_pool = 'local_Ab1'\nclient_id = 'c'",
        "http://localhost:9229/local_Ab1",
    ),
    (
        "entra",
        "tenant = '9122040d-6c67-4c5b-b112-36a304b66dad'\naudience = 'api'",
        "https://login.microsoftonline.com/9122040d-6c67-4c5b-b112-36a304b66dad/v2.0",
    ),
    (
        "entra",
        "version = '1.0'\ntenant = '9122040d-6c67-4c5b-b112-36a304b66dad'\naudience = 'api'",
        "https://sts.windows.net/9122040d-6c67-4c5b-b112-36a304b66dad/",
    ),
    (
        "entra",
        "tenants = ['9122040d-6c67-4c5b-b112-36a304b66dad']\naudience = 'api'",
        "https://login.microsoftonline.com/{tenant}/v2.0",
    ),
    ("firebase", "project = 'my-app'", "https://securetoken.google.com/my-app"),
    ("github_actions", "owner = 'octo'\naudience = 'api'", "https://token.actions.githubusercontent.com"),
    (
        "github_actions",
        "enterprise = 'octocorp'\nowner = 'octo'\naudience = 'api'",
        "https://token.actions.githubusercontent.com/octocorp",
    ),
    (
        "github_actions",
        "domain = 'git.example.com'\nowner = 'octo'\naudience = 'api'",
        "https://git.example.com/_services/token",
    ),
    ("gitlab", "namespace = 'group/below'\naudience = 'api'", "https://gitlab.com"),
    ("google", "audience = 'client'", "https://accounts.google.com"),
    ("keycloak", "domain = 'sso.example.com'\nrealm = 'main'\naudience = 'api'", "https://sso.example.com/realms/main"),
    (
        "keycloak",
        "base_url = 'http://localhost:8080/auth'\nrealm = 'main'\naudience = 'api'",
        "http://localhost:8080/auth/realms/main",
    ),
    ("kubernetes", "issuer = 'https://cluster.example'\naudience = 'api'", "https://cluster.example"),
    (
        "okta",
        "domain = 'example.okta.com'\nauthorization_server = 'default'\naudience = 'api'",
        "https://example.okta.com/oauth2/default",
    ),
    ("okta", "domain = 'example.okta.com'\nclient_id = 'c'", "https://example.okta.com"),
    ("openauth", "issuer = 'https://auth.example.com'\naudience = 'client'", "https://auth.example.com"),
    ("ory", "domain = 'slug.projects.oryapis.com'\naudience = 'api'", "https://slug.projects.oryapis.com"),
    ("zitadel", "domain = 'x.eu1.zitadel.cloud'\naudience = 'api'", "https://x.eu1.zitadel.cloud"),
];

#[test]
fn a_name_and_what_the_provider_needs_are_enough() {
    for (provider, members, expected) in PROVIDERS {
        let cfg =
            read(&format!("provider = '{provider}'\n{members}")).unwrap_or_else(|error| panic!("{provider}: {error}"));
        let issuers: Vec<_> = cfg.verifier().status().into_iter().map(|status| status.issuer).collect();
        assert_eq!(issuers, [expected], "{provider}");
    }
}

#[test]
fn each_member_that_is_left_out_is_told_alone() {
    for (provider, members, _) in PROVIDERS {
        let members: Vec<_> = members.lines().collect();
        for left_out in &members {
            let name = left_out.split(' ').next().unwrap();
            if matches!(
                (provider, name),
                ("cognito", "base_url")
                    | ("entra", "version")
                    | ("github_actions", "domain" | "enterprise")
                    | ("kubernetes", "issuer")
                    | ("okta", "client_id")
            ) {
                continue;
            }
            let rest: Vec<_> = members.iter().filter(|member| *member != left_out).copied().collect();
            let expected = match (provider, name) {
                ("authpi", "domain") => "issuer_id",
                ("entra", "tenants") => "tenant",
                ("auth0", "domains") | ("keycloak", "base_url") => "domain",
                _ => name,
            };
            let told = problems(&format!("provider = '{provider}'\n{}", rest.join("\n")));
            assert_eq!(told, [format!("issuers[0].{expected}")], "{provider} without {name}");
        }
    }
}

#[test]
fn everything_wrong_is_told_at_once() {
    let table = r#"
        provider = "keycloak"
        domain = "https://sso.example.com"
        realm = 7
        audience = ""
        issuer = "https://sso.example.com/realms/main"
        profile = "identity"
        audience_rule = "client_id"
        leeway = "1h"
        team = "my-team"
        bind = { typ = "ID" }
    "#;
    let mut told = problems(table);
    told.sort();
    let expected = ["audience", "audience_rule", "bind.typ", "domain", "issuer", "leeway", "profile", "realm", "team"];
    assert_eq!(told, expected.map(|member| format!("issuers[0].{member}")));
}

#[test]
fn a_provider_that_nobody_knows_is_told_with_those_that_are_known() {
    let error = read("provider = 'keycloack'\nrealm = 'main'\naudience = 'api'").unwrap_err();
    let [problem] = error.problems() else { panic!("{error}") };
    assert_eq!(problem.path(), "issuers[0].provider");
    assert!(["1auth", "keycloak", "zitadel"].iter().all(|name| problem.message().contains(name)), "{problem}");
    assert_eq!(problems("provider = 1"), ["issuers[0].provider"]);
    assert_eq!(problems("provider = 'kubernetes'\nissuer = 7\naudience = 'api'"), ["issuers[0].issuer"]);
}

#[test]
fn what_contradicts_the_provider_is_told() {
    let auth0 = "provider = 'auth0'\ndomain = 'tenant.eu.auth0.com'\naudience = 'api'";
    let one_auth = "provider = '1auth'\nissuer = 'https://auth.example.com'\napp_id = 'billing'\naudience = 'api'";
    let openauth = "provider = 'openauth'\nissuer = 'https://auth.example.com'\naudience = 'client'";
    let access = "provider = 'cloudflare_access'\nteam = 'my-team'\naudience = 'tag'";
    let cognito = "provider = 'cognito'\nuser_pool = 'eu-west-1_Ab1'\nclient_id = 'c'";
    let keycloak = "provider = 'keycloak'\nrealm = 'main'\ndomain = 'sso.example.com'\naudience = 'api'";
    let entra = "provider = 'entra'\ntenant = '9122040d-6c67-4c5b-b112-36a304b66dad'\naudience = 'api'";
    let of_several = "provider = 'entra'\ntenants = ['9122040d-6c67-4c5b-b112-36a304b66dad']\naudience = 'api'";
    for (table, more, expected) in [
        (auth0, "profile = 'rfc9068'", None),
        (auth0, "profile = 'jwt'", None),
        (auth0, "profile = 'identity'", Some("profile")),
        (auth0, "profile = 'none'", Some("profile")),
        (auth0, "audience_rule = 'all'", None),
        (auth0, "audience_rule = 'client_id'", Some("audience_rule")),
        (auth0, "client_id = 'c'", Some("client_id")),
        (auth0, "domains = ['login.example.com']", Some("domains")),
        (auth0, "access_token_claim = 'gty'\nignored_confirmation = ['device_id']", None),
        (auth0, "token_types = ['wit+jwt']", Some("token_types")),
        (auth0, "algorithms = ['RS256']\nleeway = '5s'\nrequired_claims = ['org_id']", None),
        (auth0, "jwks_uri = 'https://tenant.eu.auth0.com/.well-known/jwks.json'", None),
        (access, "profile = 'jwt'", Some("profile")),
        (access, "token_types = ['wit+jwt']", None),
        (access, "access_token_claim = 'type'", Some("access_token_claim")),
        (one_auth, "profile = 'rfc9068'", Some("profile")),
        (one_auth, "access_token_claim = { tier = 1 }", None),
        (openauth, "profile = 'rfc9068'", Some("profile")),
        (openauth, "jwks_uri = 'https://auth.example.com/.well-known/jwks.json'", Some("jwks_uri")),
        (access, "bind = { type = 'org' }", Some("bind.type")),
        (access, "bind = { country = ['DE', 'FR'] }", None),
        (access, "jwks_uri = 'https://keys.example'", Some("jwks_uri")),
        (cognito, "audience_rule = 'any'", Some("audience_rule")),
        (cognito, "audience_rule = 'client_id'", None),
        (cognito, "audience = 'api'", Some("audience")),
        (cognito, "issuer_type = 'updated'", None),
        (cognito, "issuer_type = 'UPDATED'", Some("issuer_type")),
        (cognito, "base_url = 'http://localhost:9229'", None),
        (cognito, "base_url = 'http://localhost:9229'\nissuer_type = 'updated'", Some("base_url")),
        (cognito, "bind = { token_use = 'id' }", Some("bind.token_use")),
        (entra, "tenant_claim = 'org'", Some("tenant_claim")),
        (of_several, "tenant_claim = 'org'", Some("tenant_claim")),
        (entra, "tenants = ['9122040d-6c67-4c5b-b112-36a304b66dae']", Some("tenants")),
        (keycloak, "base_url = 'https://sso.example.com'", Some("base_url")),
        (keycloak, "allow_nonce = true\nfetch_base_url = 'http://keycloak:8080'", None),
    ] {
        let expected: Vec<_> = expected.iter().map(|member| format!("issuers[0].{member}")).collect();
        assert_eq!(problems(&format!("{table}\n{more}")), expected, "{more}");
    }
}

#[tokio::test]
async fn the_rules_of_the_provider_hold() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("jwks.json");
    std::fs::write(&file, jwks()).unwrap();
    let table = "provider = 'cognito'\nuser_pool = 'eu-west-1_Ab1'\nclient_id = ['web', 'mobile']";
    let cfg = read(&format!("{table}\njwks_file = '{}'", file.display())).unwrap();
    let now = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
    for (client, token_use, passes) in
        [("web", "access", true), ("mobile", "access", true), ("other", "access", false), ("web", "id", false)]
    {
        let claims = json!({
            "iss": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab1", "sub": "jane", "client_id": client,
            "token_use": token_use, "iat": now, "exp": now + 300,
        });
        let verdict = cfg.verifier().verify(&sign(None, &claims)).await;
        assert_eq!(verdict.is_ok(), passes, "{client} {token_use}");
    }
}
