//! The configuration file, where it says more of an issuer than whom its tokens are for, and more of the resource than
//! its identifier.

use claviger::AuthConfig;
use claviger::AuthLayer;
use claviger_testing::TestClock;
use claviger_testing::TestIssuer;
use serde_json::Value;
use serde_json::json;

use crate::support::AUDIENCE;
use crate::support::NOW;
use crate::support::problem_paths;
use crate::support::read_config as read;

fn problems(text: &str) -> Vec<String> {
    problem_paths(read(text))
}

/// What stands before the issuers, and in the table of the one issuer.
fn problems_of(before: &str, of_issuer: &str) -> Vec<String> {
    let issuer = format!("[[issuers]]\nissuer = 'https://tenant.example.com/'\naudience = '{AUDIENCE}'");
    problems(&format!("{before}\n{issuer}\n{of_issuer}"))
}

#[tokio::test]
async fn names_roles_and_what_scopes_include_are_as_the_file_says() {
    let issuer = TestIssuer::builder().with_clock(TestClock::at_second(NOW)).in_memory();
    let text = format!(
        r#"
        [scope_hierarchy]
        "admin" = "write"
        "write" = ["read", "list"]

        [[issuers]]
        issuer = "{}"
        aliases = ["tenant.example.com"]
        audience = "{AUDIENCE}"
        roles_at = [{{ elements = ["realm_access", "roles"] }}, {{ names = ["urn:roles"] }}, "groups"]
        permissions_at = "rights"
        jwks = '{}'
        "#,
        issuer.url(),
        issuer.jwks(),
    );
    let cfg = read(&text).unwrap();
    let far = std::time::Duration::from_secs(1_000_000_000);
    let token = issuer
        .token()
        .claim("iss", "tenant.example.com")
        .claim("realm_access", json!({ "roles": ["realm"] }))
        .claim("urn:roles", json!({ "owner": { "1": "x" } }))
        .claim("groups", json!(["staff"]))
        .claim("roles", json!(["plain"]))
        .claim("rights", json!(["do"]))
        .scope("admin")
        .expires_in(far);
    let believed = cfg.verifier().verify(&token.sign()).await.unwrap();
    assert_eq!(believed.issuer(), issuer.url());
    let has_role = ["realm", "owner", "staff", "plain", "1"].map(|role| believed.has_role(role));
    assert_eq!(has_role, [true, true, true, false, false]);
    assert!(believed.has_permission("do"));
    let has_scope = ["admin", "write", "read", "list", "other"].map(|scope| believed.has_scope(scope));
    assert_eq!(has_scope, [true, true, true, true, false]);
}

#[tokio::test]
async fn a_key_may_stand_in_the_file_as_pem() {
    let issuer = TestIssuer::builder().with_clock(TestClock::at_second(NOW)).in_memory();
    let (url, pem) = (issuer.url(), issuer.current_key().public_pem());
    let text = format!("[[issuers]]\nissuer = '{url}'\naudience = '{AUDIENCE}'\npem = '''\n{pem}'''");
    let token = issuer.token().expires_in(std::time::Duration::from_secs(1_000_000_000));
    assert!(read(&text).unwrap().verifier().verify(&token.sign()).await.is_ok());
    assert_eq!(
        problems_of("", "pem = 'x'\njwks = '{}'"),
        ["pem", "jwks", "pem"].map(|name| format!("issuers[0].{name}"))
    );
}

#[test]
fn an_issuer_of_a_customers_goes_by_the_narrower_rules() {
    let of = |issuer: &str| {
        problems(&format!("[[issuers]]\nissuer = '{issuer}'\naudience = '{AUDIENCE}'\nfound_at_run_time = true"))
    };
    assert_eq!(of("https://login.customer.example"), [""; 0]);
    assert_eq!(of("https://10.0.0.1"), ["issuers[0].issuer"]);
    assert_eq!(problems_of("", "found_at_run_time = false"), [""; 0]);
}

#[test]
fn what_is_wrong_with_them_is_told_with_its_path() {
    for (before, of_issuer, expected) in [
        ("max_found_issuers = 16", "", &[][..]),
        ("max_found_issuers = 15", "", &["max_found_issuers"]),
        ("max_found_issuers = '1000'", "", &["max_found_issuers"]),
        ("scope_hierarchy = 'admin'", "", &["scope_hierarchy"]),
        ("scope_hierarchy = { admin = [] }", "", &["scope_hierarchy.admin"]),
        (
            "scope_hierarchy = { admin = 1, 'a b' = 'c', d = 'e f' }",
            "",
            &["scope_hierarchy.a b", "scope_hierarchy.admin", "scope_hierarchy.d"],
        ),
        ("", "aliases = 'tenant.example.com'", &[]),
        ("", "aliases = []", &["issuers[0].aliases"]),
        ("", "aliases = [' ']", &["issuers[0].aliases"]),
        ("", "aliases = ['https://tenant.example.com/']", &["issuers[0].aliases"]),
        ("", "found_at_run_time = 1", &["issuers[0].found_at_run_time"]),
        ("", "roles_at = []", &["issuers[0].roles_at"]),
        ("", "roles_at = ''", &["issuers[0].roles_at"]),
        ("", "roles_at = 7", &["issuers[0].roles_at"]),
        ("", "roles_at = [{ elements = ['a', ' '] }]", &["issuers[0].roles_at"]),
        ("", "roles_at = { names = 'urn:roles' }", &[]),
        (
            "",
            "roles_at = ['a', 1, ['b'], {}, { elements = 'c', names = 'd' }]",
            &["issuers[0].roles_at[1]", "issuers[0].roles_at[2]", "issuers[0].roles_at[3]", "issuers[0].roles_at[4]"],
        ),
        (
            "",
            "permissions_at = [{ elements = 1 }, { names = [], form = 'x' }]",
            &[
                "issuers[0].permissions_at[0].elements",
                "issuers[0].permissions_at[1].names",
                "issuers[0].permissions_at[1].form",
            ],
        ),
    ] {
        assert_eq!(problems_of(before, of_issuer), expected, "{before}{of_issuer}");
    }
}

/// RFC 9728, section 2.
#[test]
fn the_resource_may_be_a_table_with_what_people_read_about_it() {
    let table = json!({
        "identifier": "https://api.example.com/mcp",
        "max_age": "5m",
        "resource_name": "Reports",
        "resource_name#de": "Berichte",
        "resource_documentation": "https://docs.example.com",
        "resource_policy_uri": "https://docs.example.com/policy",
        "resource_tos_uri": "https://docs.example.com/terms",
    });
    let issuers = json!([{ "issuer": "https://tenant.example.com/", "audience": AUDIENCE }]);
    let layer = |resource: &Value| {
        AuthLayer::new(AuthConfig::read(json!({ "issuers": issuers, "resource": resource })).unwrap())
    };
    let document = serde_json::to_value(layer(&table).resource_metadata()).unwrap();
    for (name, value) in table.as_object().unwrap().iter().filter(|(name, _)| name.starts_with("resource_")) {
        assert_eq!(document[name], *value, "{name}");
    }
    assert_eq!(document["resource"], "https://api.example.com/mcp");
    assert_eq!(document.get("max_age"), None);

    let alone = json!({ "identifier": "https://api.example.com/mcp" });
    let [in_table, as_text] = [&alone, &alone["identifier"]]
        .map(|resource| serde_json::to_value(layer(resource).resource_metadata()).unwrap());
    assert_eq!(in_table, as_text);
}

#[test]
fn what_is_wrong_with_the_resource_is_told_with_its_path() {
    let resource = |members: &str| problems_of(&format!("resource = {{ {members} }}"), "");
    let identifier = "identifier = 'https://api.example.com'";
    assert_eq!(resource(identifier), [""; 0]);
    assert_eq!(resource("resource_name = 'Reports'"), ["resource.identifier"]);
    for (member, path) in [
        ("resouce_name = 'Reports'", "resource.resouce_name"),
        ("resource_name = 7", "resource.resource_name"),
        ("'resource_name#' = 'Reports'", "resource.resource_name#"),
        ("resource_tos_uri = 'terms'", "resource.resource_tos_uri"),
        ("resource = 'https://other.example.com'", "resource.resource"),
        ("authorization_servers = ['https://other.example.com']", "resource.authorization_servers"),
        ("max_age = 'soon'", "resource.max_age"),
    ] {
        assert_eq!(resource(&format!("{identifier}, {member}")), [path], "{member}");
    }
    assert_eq!(resource("identifier = 'http://api.example.com'"), ["resource"]);
    assert_eq!(problems_of("resource = 7", ""), ["resource"]);
}
