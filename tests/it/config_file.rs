//! Section 6 of the contract: the configuration file.

use std::time::Duration;

use claviger::AuthConfig;
use claviger::error::Reason;
use claviger_testing::TestClock;
use claviger_testing::TestIssuer;
use serde::Deserialize;
use serde_json::json;

use crate::support::AUDIENCE;
use crate::support::NOW;
use crate::support::problem_paths;
use crate::support::read_config as read;

const ISSUER: &str = r#"
[[issuers]]
issuer = "https://tenant.example.com/"
audience = "https://api.example.com"
"#;

fn problems(text: &str) -> Vec<String> {
    problem_paths(read(text))
}

#[test]
fn every_setting_of_this_version_is_read_with_its_default() {
    let text = r#"
        realm = "api"
        resource = "https://api.example.com/mcp"
        public_url = "https://api.example.com"
        hosts = ["api.example.com"]
        trusted_proxies = ["10.0.0.0/8"]
        sources = ["authorization"]
        optional = false
        cookie_failure = "refuse"
        cookie_origins = []
        preflight = "refuse"
        grpc = "http"
        drain = { max_bytes = 16777216, max_time = "10s", max_count = 1024 }
        scopes_supported = []
        max_token_bytes = 16384
        challenge_scope = ["read:reports"]

        [[issuers]]
        issuer = "https://tenant.example.com/"
        audience = ["https://api.example.com"]
        audience_rule = "any"
        profile = "rfc9068"
        algorithms = ["RS256", "PS256", "ES256", "EdDSA"]
        leeway = "30s"
        max_token_age = "1h"
        allow_nonce = false
        token_types = []
        ignored_confirmation = []
        required_claims = ["org_id"]
        bind = { app_id = "billing", email_verified = true, tid = ["a", "b"] }
        discovery_url = "https://tenant.example.com/discovery"
        fetch_base_url = "http://idp:8080"
        insecure_http = false

        [keys]
        default_lifetime = "10m"
        min_lifetime = "1m"
        max_lifetime = "1h"
        max_stale = "1h"
        refetch_budget = 2
        refetch_interval = "30s"
        timeout = "5s"
        connect_timeout = "2s"
        wait = "2s"
        max_bytes = 262144
        max_keys = 128

        [cache]
        max_bytes = 16777216

        [dpop]
        mode = "allowed"
        algorithms = ["ES256", "ES384", "EdDSA", "RS256", "PS256"]
        proof_max_age = "300s"
        proof_leeway = "30s"
        nonce = "off"
        replay = "memory"
        store_failure = "refuse"

        [certificate]
        header = "x-forwarded-client-cert"
    "#;
    assert_eq!(problems(text), [""; 0]);
}

#[test]
fn one_source_may_stand_without_a_list() {
    let of = |sources: &str| format!("{:?}", read(&format!("sources = {sources}\n{ISSUER}")).unwrap());
    assert_eq!(of(r#""query""#), of(r#"["query"]"#));
    assert_ne!(of(r#""query""#), of(r#""authorization""#));
}

#[test]
fn every_source_has_a_name_or_a_table() {
    for sources in [
        r#""query""#,
        r#"["authorization", "query", { header = "X-Token" }, { cookie = "session" }, "websocket_protocol"]"#,
        r#"[{ header = "x-a" }, { header = "x-b" }, { cookie = "a" }, { cookie = "A" }]"#,
    ] {
        assert_eq!(problems(&format!("sources = {sources}\n{ISSUER}")), [""; 0], "{sources}");
    }
    for (sources, paths) in [
        ("[]", &["sources"][..]),
        ("7", &["sources"]),
        (r#"{ cookie = "session" }"#, &["sources"]),
        (
            r#"["body", 7, ["query"], {}, { cookie = "a", header = "b" }]"#,
            &["sources[0]", "sources[1]", "sources[2]", "sources[3]", "sources[4]"],
        ),
        (r#"["query", { cookie = 7 }, { header = "x", realm = 1 }]"#, &["sources[1].cookie", "sources[2].realm"]),
        (
            r#"["Query", { header = " " }, { cookie = "a=b" }, "authorization", "authorization"]"#,
            &["sources[0]", "sources[1].header", "sources[2].cookie", "sources[4]"],
        ),
    ] {
        assert_eq!(problems(&format!("sources = {sources}\n{ISSUER}")), paths, "{sources}");
    }
}

#[test]
fn what_belongs_to_the_sources_is_checked() {
    for (members, paths) in [
        ("cookie_failure = \"anonymous\"\noptional = true", &[][..]),
        ("cookie_failure = \"anonymous\"", &["cookie_failure"]),
        ("cookie_failure = \"ignore\"", &["cookie_failure"]),
        ("preflight = \"pass\"", &[]),
        ("preflight = true", &["preflight"]),
        ("grpc = \"status\"", &[]),
        ("grpc = \"web\"", &["grpc"]),
        ("cookie_origins = \"https://app.example.com\"", &[]),
        (
            "cookie_origins = [\"https://app.example.com\", \"app\", \"null\"]",
            &["cookie_origins[1]", "cookie_origins[2]"],
        ),
        ("public_url = \"https://user@api.example.com\"", &["public_url"]),
        ("public_url = \"http://127.0.0.1:3000/prefix\"", &[]),
        ("hosts = []", &["hosts"]),
        ("hosts = [\"api.example.com:8443\", \"https://api.example.com\", \"*\"]", &["hosts[1]", "hosts[2]"]),
    ] {
        assert_eq!(problems(&format!("{members}\n{ISSUER}")), paths, "{members}");
    }
}

#[test]
fn unknown_members_and_wrong_types_are_collected_with_the_rest() {
    let text = r#"
        relm = "api"
        realm = 7
        optional = "yes"
        max_token_bytes = -1
        challenge_scope = ["read reports"]
        resource = ["https://api.example.com"]
        scopes_supported = ["read:reports", "a\\b"]

        [[issuers]]
        isuer = "https://tenant.example.com/"
        audience = [1]
        audience_rule = "some"
        profile = "saml"
        algorithms = ["HS256", "none", "RS256"]
        leeway = "soon"
        max_token_age = -5
        allow_nonce = 1
        access_token_claim = ["mode"]
        token_types = 7
        ignored_confirmation = [7]
        required_claims = { a = 1 }
        bind = ["a"]
        insecure_http = "no"

        [[issuers]]
        issuer = "https://b.example"
        audience = []

        [keys]
        timeout = "0s"
        max_keys = "many"
        colour = "blue"
    "#;
    let expected = [
        "issuers[0].issuer",
        "issuers[0].audience",
        "issuers[0].audience_rule",
        "issuers[0].profile",
        "issuers[0].algorithms",
        "issuers[0].algorithms",
        "issuers[0].leeway",
        "issuers[0].max_token_age",
        "issuers[0].allow_nonce",
        "issuers[0].access_token_claim",
        "issuers[0].token_types",
        "issuers[0].ignored_confirmation",
        "issuers[0].required_claims",
        "issuers[0].bind",
        "issuers[0].insecure_http",
        "issuers[0].isuer",
        "issuers[1].audience",
        "realm",
        "optional",
        "max_token_bytes",
        "challenge_scope",
        "resource",
        "scopes_supported",
        "keys.max_keys",
        "keys.colour",
        "relm",
        "keys.timeout",
    ];
    assert_eq!(problems(text), expected);
}

#[test]
fn a_file_of_the_wrong_shape_is_told_as_such() {
    assert_eq!(problems("issuers = 7"), ["issuers"]);
    assert_eq!(problems("issuers = []"), ["issuers"]);
    assert_eq!(problems("issuers = [7]"), ["issuers[0]"]);
    let behind = r#"issuers = [7, { issuer = "https://i.example", audience = "" }]"#;
    assert_eq!(problems(behind), ["issuers[0]", "issuers[1].audience"]);
    let mixed = r#"issuers = [{ issuer = "ftp://x", audience = "", leeway = "soon" }, 7, { audience = "a" }, { audience = "a" }]"#;
    let all = [
        "issuers[1]",
        "issuers[0].leeway",
        "issuers[2].issuer",
        "issuers[3].issuer",
        "issuers[0].issuer",
        "issuers[0].audience",
    ];
    assert_eq!(problems(mixed), all);
    assert_eq!(problems(""), ["issuers"]);
    assert_eq!(problems(&format!("keys = 1\n{ISSUER}")), ["keys"]);
    let list = AuthConfig::read(json!([1])).unwrap_err();
    assert_eq!(list.problems()[0].path(), "configuration");
}

#[test]
fn what_would_do_nothing_is_refused() {
    assert_eq!(problems(&format!("challenge_scope = []\n{ISSUER}")), ["challenge_scope"]);
    for (member, path) in [
        ("required_claims = []", "required_claims"),
        ("bind = {}", "bind"),
        ("bind = { since = 1979-05-27 }", "bind.since"),
        ("profile = 'jwt'\naccess_token_claim = {}", "access_token_claim"),
        ("profile = 'jwt'\naccess_token_claim = { since = 1979-05-27 }", "access_token_claim.since"),
        ("algorithms = []", "algorithms"),
    ] {
        assert_eq!(problems(&format!("{ISSUER}{member}")), [format!("issuers[0].{path}")]);
    }
    assert_eq!(problems(&format!("{ISSUER}[keys]\nrefetch_budget = 4294967296")), ["keys.refetch_budget"]);
}

#[test]
fn a_shorter_maximum_takes_the_default_lifetime_with_it() {
    assert_eq!(problems(&format!("{ISSUER}[keys]\nmax_lifetime = \"5m\"")), [""; 0]);
    let given = format!("{ISSUER}[keys]\nmax_lifetime = \"5m\"\ndefault_lifetime = \"6m\"");
    assert_eq!(problems(&given), ["keys.default_lifetime"]);
}

#[test]
fn seconds_may_be_a_number_and_an_audience_a_string() {
    assert_eq!(problems(&format!("{ISSUER}leeway = 30\nmax_token_age = 3600")), [""; 0]);
    assert_eq!(problems(&format!("{ISSUER}leeway = 301")), ["issuers[0].leeway"]);
}

#[tokio::test]
async fn what_the_file_says_is_what_is_done() {
    let clock = TestClock::at_second(NOW);
    let issuer = TestIssuer::builder().with_clock(clock).in_memory();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&file, issuer.jwks()).unwrap();
    let text = format!(
        r#"
        max_token_bytes = 2000

        [[issuers]]
        issuer = "{}"
        audience = ["other", "{AUDIENCE}"]
        audience_rule = "all"
        profile = "jwt"
        algorithms = ["ES256"]
        allow_nonce = true
        required_claims = ["org_id"]
        bind = {{ app_id = "billing" }}
        jwks_file = "{}"
        "#,
        issuer.url(),
        file.path().display(),
    );
    let cfg = AuthConfig::read_toml(&text).unwrap();
    drop(file);
    let far = Duration::from_secs(1_000_000_000);
    let right = issuer
        .token()
        .header("typ", "JWT")
        .audience(vec!["other", AUDIENCE])
        .claim("nonce", "n")
        .claim("org_id", "acme")
        .claim("app_id", "billing")
        .expires_in(far);
    let verdict = async |token: String| cfg.verifier().verify(&token).await.map(|_| ()).map_err(|error| error.reason());
    assert_eq!(verdict(right.clone().sign()).await, Ok(()));
    assert_eq!(verdict(right.clone().audience(AUDIENCE).sign()).await, Err(Reason::WrongAudience));
    assert_eq!(verdict(right.clone().without("org_id").sign()).await, Err(Reason::MissingClaim));
    assert_eq!(verdict(right.clone().claim("app_id", "x").sign()).await, Err(Reason::WrongClaim));
    assert_eq!(verdict(right.claim("pad", "x".repeat(2000)).sign()).await, Err(Reason::MalformedToken));
}

#[test]
fn a_configuration_can_be_a_part_of_a_larger_one() {
    #[derive(Debug, Deserialize)]
    struct Service {
        #[expect(dead_code, reason = "only that it is read matters")]
        auth: AuthConfig,
    }
    let issuers = json!([{ "issuer": "https://tenant.example.com/", "audience": AUDIENCE }]);
    assert!(serde_json::from_value::<Service>(json!({ "auth": { "issuers": issuers } })).is_ok());
    let error = serde_json::from_value::<Service>(json!({ "auth": { "issuers": issuers, "x": 1, "realm": "" } }));
    let text = error.unwrap_err().to_string();
    assert!(text.contains("x: unknown member `x`") && text.contains("realm: "), "{text}");
}
