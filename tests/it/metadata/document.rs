//! What the document says, and what is wrong before there is one.

use std::time::Duration;

use axum::Router;
use claviger::AuthConfig;
use claviger::AuthLayer;
use claviger::Issuer;
use claviger::TokenSource;
use claviger::metadata::Resource;
use claviger_testing::TestIssuer;
use http::Method;
use http::header;
use serde_json::Value;
use serde_json::json;

use crate::metadata::PATH;
use crate::metadata::RESOURCE;
use crate::metadata::ask;
use crate::metadata::builder;
use crate::metadata::document;
use crate::metadata::problems;
use crate::metadata::request;
use crate::support::AUDIENCE;

#[test]
fn issuers_are_named_exactly_and_in_order() {
    let cfg = AuthConfig::builder(Issuer::new("https://z.example/", AUDIENCE))
        .add_issuer(Issuer::new("https://A.example/realms/x", AUDIENCE))
        .with_resource(RESOURCE)
        .build()
        .unwrap();
    let document = serde_json::to_value(AuthLayer::new(cfg).resource_metadata()).unwrap();
    assert_eq!(document["authorization_servers"], json!(["https://z.example/", "https://A.example/realms/x"]));
}

/// RFC 9728, section 2: the list has identifiers of RFC 8414, which are addresses.
#[test]
fn issuers_that_are_a_name_alone_are_left_out() {
    let jwks = TestIssuer::in_memory("my-iss").jwks();
    let names = ["my-iss", "urn:example:issuer", "robot@project.example"];
    let names = names.map(|name| Issuer::new(name, AUDIENCE).with_jwks(&jwks));
    let others = [Issuer::new("https://z.example/", AUDIENCE)];
    for (issuers, expected) in [
        (Vec::from_iter(names.clone().into_iter().chain(others)), Some(json!(["https://z.example/"]))),
        (Vec::from(names), None),
    ] {
        let cfg = AuthConfig::for_issuers(issuers).with_resource(RESOURCE).build().unwrap();
        let document = serde_json::to_value(AuthLayer::new(cfg).resource_metadata()).unwrap();
        assert_eq!(document.get("authorization_servers"), expected.as_ref());
    }
}

/// RFC 9728, section 2: an empty list says that there are none.
#[test]
fn the_methods_of_rfc_6750_are_named_where_they_are_sources() {
    let cookie = || TokenSource::cookie("session");
    for (sources, methods) in [
        (vec![TokenSource::Authorization, cookie()], json!(["header"])),
        (vec![TokenSource::Query, TokenSource::Authorization], json!(["header", "query"])),
        (vec![TokenSource::Query, TokenSource::WebSocketProtocol], json!(["query"])),
        (vec![TokenSource::header("x-token"), cookie()], json!([])),
    ] {
        let issuer = Issuer::new("https://issuer.example.com", AUDIENCE);
        let cfg = AuthConfig::builder(issuer).with_resource(RESOURCE).with_sources(sources).build().unwrap();
        let document = serde_json::to_value(AuthLayer::new(cfg).resource_metadata()).unwrap();
        assert_eq!(document["bearer_methods_supported"], methods);
    }
}

#[tokio::test]
async fn an_application_can_say_more() {
    let resource = Resource::new(RESOURCE)
        .with_name("Reportes")
        .with_name("Reports")
        .add_member("resource_name#de", "Berichte")
        .add_member("resource_name#pt-BR", "Relatórios")
        .with_documentation("https://api.example.com/docs")
        .with_policy("https://api.example.com/policy")
        .with_terms_of_service("https://api.example.com/terms")
        .add_member("jwks_uri", "https://api.example.com/jwks")
        .add_member("resource_signing_alg_values_supported", vec!["ES256"])
        .add_member("x_extra", json!({ "a": [1, true] }))
        .with_max_age(Duration::from_secs(60));
    let expected = json!({
        "resource": RESOURCE,
        "authorization_servers": ["https://issuer.example.com"],
        "bearer_methods_supported": ["header"],
        "dpop_signing_alg_values_supported": ["ES256", "ES384", "EdDSA", "Ed25519", "RS256", "PS256"],
        "resource_name": "Reports",
        "resource_name#de": "Berichte",
        "resource_name#pt-BR": "Relatórios",
        "resource_documentation": "https://api.example.com/docs",
        "resource_policy_uri": "https://api.example.com/policy",
        "resource_tos_uri": "https://api.example.com/terms",
        "jwks_uri": "https://api.example.com/jwks",
        "resource_signing_alg_values_supported": ["ES256"],
        "x_extra": { "a": [1, true] },
    });
    assert_eq!(document(resource.clone()), expected);

    let issuer = TestIssuer::in_memory("https://issuer.example.com");
    let cfg = builder(&issuer).with_resource(resource).build().unwrap();
    let answer = ask(&Router::new().layer(AuthLayer::new(cfg)), request(Method::GET, PATH)).await;
    assert_eq!(answer.headers[header::CACHE_CONTROL], "public, max-age=60");
    assert_eq!(answer.json(), expected);
}

#[test]
fn a_resource_that_is_no_exact_https_url_is_wrong() {
    for resource in [
        "",
        " ",
        "api.example.com",
        "/mcp",
        "https://",
        "http://api.example.com",
        "ftp://localhost/mcp",
        "urn:example:api",
        "https:api.example.com",
        "https:///api.example.com",
        "https:\\\\api.example.com",
        "https://user@api.example.com",
        "https://@api.example.com",
        "https://user:secret@api.example.com",
        "https://api.example.com?",
        "https://api.example.com/?x=1",
        "https://api.example.com#",
        "https://api.example.com/mcp#x",
        " https://api.example.com",
        "https://api.example.com ",
        "https://api.example.com/a b",
        "https://api.example.com/a\tb",
        "https://api.example.com/a\r\nb",
        "https://api.example.com/a\"b",
        "https://api.example.com/a\\b",
        "https://api.example.com/ä",
        "https://äpi.example.com",
        "https://api.example.com/a/../b",
        "https://api.example.com/./a",
        "https://api.example.com/%2e%2e/a",
        "https://%61pi.example.com",
        "https://api.example.com:443",
        "https://0x7f.1/mcp",
    ] {
        assert_eq!(problems(|builder| builder.with_resource(resource)), ["resource"], "{resource:?}");
    }
    for resource in [
        "https://api.example.com",
        "https://api.example.com/",
        "https://API.example.com:8443/A/%7eb/",
        "http://localhost:3000",
        "http://127.0.0.1:3000/mcp",
        "http://[::1]/mcp",
    ] {
        assert_eq!(problems(|builder| builder.with_resource(resource)), [""; 0], "{resource:?}");
        assert_eq!(document(resource)["resource"], resource);
    }
}

#[test]
fn everything_wrong_with_a_resource_is_told_with_the_rest() {
    let resource = Resource::new("http://user@api.example.com?x")
        .with_name("")
        .with_documentation("docs")
        .add_member("resource_name#de", "Berichte")
        .add_member("resource_name#de", "Berichte")
        .add_member("resource_name#", "Berichte")
        .add_member("resource_name#d_e", "Berichte")
        .add_member(" ", 1)
        .add_member("resource_tos_uri#de", "mailto:terms@example.com")
        .add_member("authorization_servers", vec!["https://other.example"])
        .add_member("resource#de", "https://other.example")
        .add_member("dpop_bound_access_tokens_required", true)
        .add_member("resource_signing_alg_values_supported", vec!["ES256", "none"])
        .add_member("jwks_uri", "http://api.example.com/jwks")
        .add_member("x_nothing", Value::Null)
        .add_member("x_list", json!([]))
        .add_member("x_table", json!({}))
        .with_max_age(Duration::from_millis(999));
    let expected = [
        "realm",
        "resource",
        "resource.resource_name",
        "resource.resource_documentation",
        "resource.resource_name#de",
        "resource.resource_name#",
        "resource.resource_name#d_e",
        "resource. ",
        "resource.resource_tos_uri#de",
        "resource.authorization_servers",
        "resource.resource#de",
        "resource.dpop_bound_access_tokens_required",
        "resource.resource_signing_alg_values_supported",
        "resource.jwks_uri",
        "resource.x_nothing",
        "resource.x_list",
        "resource.x_table",
        "resource",
        "resource",
        "resource",
        "max_token_bytes",
    ];
    let found = problems(|builder| builder.with_realm("").with_max_token_bytes(0).with_resource(resource));
    assert_eq!(found, expected);
}
