//! The API that a configuration file guards.

use std::fs;

use claviger_testing::DpopClient;
use claviger_testing::Fault;
use claviger_testing::TestIssuer;
use reqwest::Client;
use reqwest::Method;
use reqwest::Response;
use reqwest::Version;
use serde_json::Value;
use serde_json::json;
use tempfile::NamedTempFile;
use tokio::time::timeout;

use crate::program::LIMIT;
use crate::program::Program;
use crate::program::command;

/// A configuration file that is gone with the test.
fn file(text: &str) -> NamedTempFile {
    let file = NamedTempFile::new().unwrap();
    fs::write(&file, text).unwrap();
    file
}

fn path_of(file: &NamedTempFile) -> &str {
    file.path().to_str().unwrap()
}

/// The program and what guards it.
struct Api {
    issuer: TestIssuer,
    origin: String,
    _program: Program,
}

impl Api {
    async fn start(more: &str) -> Self {
        let issuer = TestIssuer::start().await;
        let table = format!("[[issuers]]\nissuer = \"{}\"\naudience = \"https://api.example.com\"\n", issuer.url());
        let file = file(&format!("{more}\n{table}"));
        let mut program = Program::start("resource_server", &["--config", path_of(&file), "--listen", "127.0.0.1:0"]);
        let origin = program.origin().await;
        Self { issuer, origin, _program: program }
    }

    async fn call(&self, method: Method, path: &str, token: Option<&str>) -> Response {
        let request = Client::new().request(method, format!("{}{path}", self.origin));
        token.into_iter().fold(request, reqwest::RequestBuilder::bearer_auth).send().await.unwrap()
    }

    async fn text(&self, path: &str, token: Option<&str>) -> String {
        self.call(Method::GET, path, token).await.text().await.unwrap()
    }
}

#[tokio::test]
async fn claims_are_the_payload_as_it_was_signed() {
    let api = Api::start("").await;
    let now = api.issuer.token();
    let payload = r#"{"iss":"@","aud":"https://api.example.com","sub":"s","client_id":"c","iat":0,"exp":1e400,"jti":"j","big":123456789012345678901234567890,"huge":1e400}"#
        .replace('@', api.issuer.url());
    assert_eq!(api.text("/claims", Some(&now.raw_payload(payload.clone()).sign())).await, payload);
}

#[tokio::test]
async fn an_anonymous_request_has_no_claims() {
    let api = Api::start("optional = true").await;
    assert_eq!(api.text("/claims", None).await, "null");
    assert_eq!(api.call(Method::GET, "/claims", Some("junk")).await.status(), 401);
    assert_eq!(api.call(Method::GET, "/reports", None).await.status(), 401);
}

#[tokio::test]
async fn it_speaks_http_1_and_http_2_by_prior_knowledge() {
    let api = Api::start("grpc = \"status\"").await;
    let of_2 = Client::builder().http2_prior_knowledge().build().unwrap();
    let token = api.issuer.token().scope("read:reports").sign();
    for (client, version, of_grpc) in [(Client::new(), Version::HTTP_11, None), (of_2, Version::HTTP_2, Some("16"))] {
        let reports = format!("{}/reports", api.origin);
        let accepted = client.get(&reports).bearer_auth(&token).send().await.unwrap();
        assert_eq!((accepted.status().as_u16(), accepted.version()), (200, version));
        let call = client.post(&reports).header("content-type", "application/grpc").send().await.unwrap();
        let grpc_status = call.headers().get("grpc-status").map(|status| status.to_str().unwrap().to_owned());
        assert_eq!((grpc_status.as_deref(), call.version()), (of_grpc, version));
        assert_eq!(call.status(), if of_grpc.is_some() { 200 } else { 401 });
        assert!(call.headers().contains_key("www-authenticate"));
        assert_eq!(call.text().await.unwrap(), "");
    }
}

#[tokio::test]
async fn each_method_demands_its_scope() {
    let api = Api::start("").await;
    for (method, path, scope, status) in [
        (Method::GET, "/reports", "read:reports", 200),
        (Method::POST, "/reports", "read:reports", 403),
        (Method::POST, "/reports", "write:reports", 200),
        (Method::GET, "/reports", "write:reports", 403),
        (Method::GET, "/orders", "orders:read", 200),
        (Method::POST, "/orders", "orders:read", 200),
        (Method::GET, "/orders", "read:reports", 403),
        (Method::DELETE, "/reports", "read:reports", 405),
    ] {
        let token = api.issuer.token().scope(scope).sign();
        let answer = api.call(method.clone(), path, Some(&token)).await;
        assert_eq!(answer.status(), status, "{method} {path} with {scope}");
    }
    assert_eq!(api.call(Method::DELETE, "/reports", None).await.status(), 401);
}

#[tokio::test]
async fn a_configured_resource_has_its_metadata_published_with_the_scopes_of_the_guards() {
    let more = "resource = \"https://api.example.com/v1\"\nscopes_supported = [\"profile\"]";
    let api = Api::start(more).await;
    let metadata = api.text("/.well-known/oauth-protected-resource/v1", None).await;
    let expected = json!({
        "resource": "https://api.example.com/v1",
        "authorization_servers": [api.issuer.url()],
        "scopes_supported": ["profile", "read:reports", "write:reports", "orders:read"],
        "bearer_methods_supported": ["header"],
        "dpop_signing_alg_values_supported": ["ES256", "ES384", "EdDSA", "Ed25519", "RS256", "PS256"],
    });
    assert_eq!(serde_json::from_str::<Value>(&metadata).unwrap(), expected);
    let refused = api.call(Method::GET, "/claims", None).await;
    let challenge = refused.headers()["www-authenticate"].to_str().unwrap();
    let url = "https://api.example.com/.well-known/oauth-protected-resource/v1";
    assert!(challenge.contains(&format!("resource_metadata=\"{url}\"")), "{challenge}");

    let silent = Api::start("").await;
    assert_eq!(silent.call(Method::GET, "/.well-known/oauth-protected-resource", None).await.status(), 401);
}

#[tokio::test]
async fn status_is_open_and_tells_the_state_of_the_keys() {
    let api = Api::start("").await;
    let status = async || serde_json::from_str::<Value>(&api.text("/status", None).await).unwrap();
    let before = json!({ "issuers": [{
        "issuer": api.issuer.url(), "state": "empty", "key_ids": [], "generation": 0, "age_seconds": null, "last_error": null,
    }] });
    assert_eq!(status().await, before);

    assert_eq!(api.call(Method::GET, "/claims", Some(&api.issuer.token().sign())).await.status(), 200);
    let after = &status().await["issuers"][0];
    assert_eq!(after["state"], "fresh");
    assert_eq!(after["generation"], 1);
    assert_eq!(after["key_ids"], json!([api.issuer.current_key().key_id()]));
    assert!(after["age_seconds"].is_u64());
}

#[tokio::test]
async fn status_tells_the_class_of_a_failure_and_no_address() {
    let api = Api::start("").await;
    api.issuer.fail_jwks(Fault::Html);
    assert_eq!(api.call(Method::GET, "/claims", Some(&api.issuer.token().sign())).await.status(), 503);
    let status = api.text("/status", None).await;
    assert_eq!(serde_json::from_str::<Value>(&status).unwrap()["issuers"][0]["last_error"], "key_set");
    assert!(!status.contains("/jwks"), "{status}");
}

#[tokio::test]
async fn a_wrong_file_ends_it_with_2_and_every_problem() {
    let file = file(
        r#"
        realm = "ä"
        color = "blue"

        [[issuers]]
        issuer = "http://idp.example"
        audience = []
        profile = "saml"
        leeway = "1h"

        [keys]
        min_lifetime = "2h"
        "#,
    );
    let (code, log) = run(&["--config", path_of(&file), "--listen", "127.0.0.1:0"]).await;
    assert_eq!(code, Some(2), "{log}");
    for path in [
        "realm",
        "color",
        "issuers[0].issuer",
        "issuers[0].audience",
        "issuers[0].profile",
        "issuers[0].leeway",
        "keys.min_lifetime",
    ] {
        assert!(log.contains(&format!("\n  {path}: ")), "{path} is not told: {log}");
    }
}

#[tokio::test]
async fn a_missing_or_unreadable_file_ends_it_with_2() {
    let unreadable = file("issuers = [");
    for arguments in [&["--config", "no-such-file.toml"][..], &["--config", path_of(&unreadable)], &["--config"], &[]] {
        let (code, log) = run(arguments).await;
        assert_eq!(code, Some(2), "{arguments:?}: {log}");
        assert!(!log.is_empty());
    }
    assert!(unreadable.path().exists());
}

async fn run(arguments: &[&str]) -> (Option<i32>, String) {
    let output =
        timeout(LIMIT, command("resource_server", arguments).output()).await.expect("it ends at once").unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[tokio::test]
async fn proofs_of_possession_are_judged_as_the_file_says() {
    let api = Api::start("[dpop]\nnonce = \"required\"\n").await;
    let client = DpopClient::new();
    let token = api.issuer.token().claim("cnf", client.confirmation()).sign();
    let ask = async || {
        let mut request = http::Request::get(format!("{}/claims", api.origin)).body("").unwrap();
        client.authorize(&mut request, &token);
        Client::new().execute(request.try_into().unwrap()).await.unwrap()
    };
    let first = ask().await;
    assert_eq!(first.status(), 401);
    assert!(client.follow(first.headers()));
    assert_eq!(ask().await.status(), 200);
    assert_eq!(api.call(Method::GET, "/claims", Some(&token)).await.status(), 401);
}

#[tokio::test]
async fn a_field_of_a_trusted_proxy_tells_the_certificate_and_one_of_another_does_not() {
    let digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    for (proxies, status) in [("127.0.0.0/8", 200), ("10.0.0.0/8", 401)] {
        let sections =
            format!("trusted_proxies = [\"{proxies}\"]\n[certificate]\nheader = \"x-forwarded-client-cert\"\n");
        let api = Api::start(&sections).await;
        // FIPS 180-4, the example "abc".
        let token = api.issuer.token().bound_to_certificate(b"abc").sign();
        let request = Client::new().get(format!("{}/claims", api.origin)).bearer_auth(token);
        let request = request.header("x-forwarded-client-cert", format!("Hash={digest}"));
        assert_eq!(request.send().await.unwrap().status(), status, "{proxies}");
    }
}
