//! `[dpop]`: what does not build, and what the metadata say.

use std::io::Write;
use std::time::Duration;

use claviger::AuthConfig;
use claviger::AuthConfigBuilder;
use claviger::AuthLayer;
use claviger::DpopMode;
use claviger::DpopSettings;
use claviger::Issuer;
use claviger::NonceSecret;
use claviger::TokenSource;
use serde_json::Value;
use serde_json::json;
use tempfile::NamedTempFile;

use crate::support::problem_paths as paths;
use crate::support::read_config;

const ISSUER: &str = "[[issuers]]\nissuer = \"https://issuer.example\"\naudience = \"https://api.example.com\"\n";

fn builder() -> AuthConfigBuilder {
    AuthConfig::builder(Issuer::new("https://issuer.example", "https://api.example.com"))
}

fn read(text: &str) -> Vec<String> {
    paths(read_config(text))
}

fn required() -> DpopSettings {
    DpopSettings::new(DpopMode::Required)
}

#[test]
fn required_needs_our_own_address() {
    assert_eq!(paths(builder().with_dpop(required()).build()), ["dpop.mode"]);
    assert_eq!(paths(builder().with_dpop(required()).with_public_url("https://api.example.com").build()), [""; 0]);
    assert_eq!(paths(builder().with_dpop(required()).with_hosts(["api.example.com"]).build()), [""; 0]);
    assert_eq!(paths(builder().with_dpop(required()).with_resource("https://api.example.com").build()), [""; 0]);
    // What is wrong with it is told, and not that it is missing.
    assert_eq!(paths(builder().with_dpop(required()).with_public_url("x").build()), ["public_url"]);
    for mode in [DpopMode::Allowed, DpopMode::Bound, DpopMode::Disabled] {
        assert_eq!(paths(builder().with_dpop(DpopSettings::new(mode)).build()), [""; 0], "{mode:?}");
    }
}

#[test]
fn required_has_no_other_source() {
    for source in
        [TokenSource::cookie("s"), TokenSource::Query, TokenSource::header("x"), TokenSource::WebSocketProtocol]
    {
        let settings = builder().with_public_url("https://api.example.com").with_dpop(required());
        assert_eq!(paths(settings.with_sources([TokenSource::Authorization, source]).build()), ["sources"]);
    }
}

#[test]
fn values_that_make_no_sense_are_refused_all_at_once() {
    let dpop = DpopSettings::default()
        .with_algorithms([])
        .with_proof_max_age(Duration::ZERO)
        .with_proof_leeway(Duration::from_secs(301))
        .require_nonce([NonceSecret::new("x".repeat(31)), NonceSecret::new(format!("{}\n", "x".repeat(31)))])
        .with_replay_memory(1000);
    let expected = [
        "dpop.algorithms",
        "dpop.proof_max_age",
        "dpop.proof_leeway",
        "dpop.nonce_secrets[0]",
        "dpop.nonce_secrets[1]",
        "dpop.replay",
    ];
    assert_eq!(paths(builder().with_dpop(dpop).build()), expected);
    let edges = DpopSettings::default()
        .with_proof_max_age(Duration::from_secs(1))
        .with_proof_leeway(Duration::from_secs(300))
        .require_nonce([NonceSecret::new("x".repeat(32))]);
    assert_eq!(paths(builder().with_dpop(edges).build()), [""; 0]);
}

#[test]
fn each_member_of_the_file_is_read() {
    let mut secret = NamedTempFile::new().unwrap();
    writeln!(secret, "{}", "s".repeat(32)).unwrap();
    let text = format!(
        r#"
            public_url = "https://api.example.com"
            {ISSUER}
            [dpop]
            mode = "required"
            algorithms = ["ES256", "Ed25519"]
            proof_max_age = "60s"
            proof_leeway = 5
            nonce = "required"
            nonce_secrets = [{{ file = {:?} }}]
            replay = "off"
            store_failure = "accept"
        "#,
        secret.path()
    );
    assert_eq!(read(&text), [""; 0]);
    for mode in ["allowed", "disabled", "bound"] {
        assert_eq!(read(&format!("{ISSUER}[dpop]\nmode = \"{mode}\"")), [""; 0], "{mode}");
    }
}

#[test]
fn what_is_wrong_in_the_file_is_told_with_its_path() {
    let mut short = NamedTempFile::new().unwrap();
    writeln!(short, "{}", "s".repeat(31)).unwrap();
    let short = format!("nonce_secrets = [{{ file = {:?} }}]", short.path());
    for (member, path) in [
        ("mode = \"on\"", "dpop.mode"),
        ("mode = \"required\"", "dpop.mode"),
        ("algorithms = []", "dpop.algorithms"),
        ("algorithms = [\"HS256\"]", "dpop.algorithms"),
        ("algorithms = [\"none\", \"ES256\"]", "dpop.algorithms"),
        ("proof_max_age = 0", "dpop.proof_max_age"),
        ("proof_leeway = \"301s\"", "dpop.proof_leeway"),
        ("nonce = \"on\"", "dpop.nonce"),
        ("nonce = true", "dpop.nonce"),
        ("nonce_secrets = []", "dpop.nonce_secrets"),
        ("nonce_secrets = \"secret\"", "dpop.nonce_secrets"),
        ("nonce_secrets = [\"secret\"]", "dpop.nonce_secrets[0]"),
        ("nonce_secrets = [{ text = \"x\" }]", "dpop.nonce_secrets[0]"),
        ("nonce_secrets = [{ file = \"a\", env = \"b\" }]", "dpop.nonce_secrets[0]"),
        ("nonce_secrets = [{ file = \"/nowhere/secret\" }]", "dpop.nonce_secrets[0]"),
        ("nonce_secrets = [{ env = \"CLAVIGER_TEST_NOT_SET\" }]", "dpop.nonce_secrets[0]"),
        (&short, "dpop.nonce_secrets[0]"),
        ("replay = \"disk\"", "dpop.replay"),
        ("replay = { memory = 1 }", "dpop.replay"),
        ("replay = { memory = '1 MiB' }", "dpop.replay.memory"),
        ("replay = { memory = 1048576, disk = 1 }", "dpop.replay.disk"),
        ("replay = { redis = \"127.0.0.1:6379\" }", "dpop.replay.redis"),
        ("store_failure = \"ignore\"", "dpop.store_failure"),
        ("jti_max_bytes = 1", "dpop.jti_max_bytes"),
    ] {
        let told = read(&format!("{ISSUER}[dpop]\n{member}"));
        assert_eq!(told.first().map(String::as_str), Some(path), "{member}");
    }
    assert_eq!(read(&format!("dpop = 1\n{ISSUER}")), ["dpop"]);
}

#[cfg(not(feature = "redis"))]
#[test]
fn without_the_feature_redis_it_is_named() {
    let text = format!("{ISSUER}[dpop]\nreplay = {{ redis = \"redis://127.0.0.1:6379\" }}");
    let error = AuthConfig::read_toml(&text).unwrap_err();
    assert_eq!(error.problems().len(), 1);
    assert_eq!(error.problems()[0].path(), "dpop.replay.redis");
    assert!(error.to_string().contains("the feature \"redis\""), "{error}");
}

#[test]
fn a_secret_shows_nowhere() {
    let marker = "marker-of-a-nonce-secret-of-thirty-two-bytes";
    let dpop = DpopSettings::default().require_nonce([NonceSecret::new(marker)]);
    let with_it = builder().with_dpop(dpop.clone());
    let shown = format!("{dpop:?} {with_it:?}");
    let shown = format!("{shown} {:?}", with_it.build().unwrap().verifier());
    assert!(!shown.contains("marker") && !shown.contains(&format!("{:?}", marker.as_bytes())), "{shown}");
    let error = builder().with_dpop(DpopSettings::default().require_nonce([NonceSecret::new("marker")])).build();
    assert!(!error.unwrap_err().to_string().contains("marker"));
}

/// RFC 9728, section 2.
#[test]
fn the_metadata_follow_the_mode() {
    let document = |dpop: DpopSettings| -> Value {
        let cfg = builder().with_resource("https://api.example.com").with_dpop(dpop).build().unwrap();
        serde_json::to_value(AuthLayer::new(cfg).resource_metadata()).unwrap()
    };
    let all = json!(["ES256", "ES384", "EdDSA", "Ed25519", "RS256", "PS256"]);
    for (mode, algorithms, is_required) in [
        (DpopMode::Allowed, Some(&all), None),
        (DpopMode::Bound, Some(&all), None),
        (DpopMode::Required, Some(&all), Some(&json!(true))),
        (DpopMode::Disabled, None, None),
    ] {
        let document = document(DpopSettings::new(mode));
        assert_eq!(document.get("dpop_signing_alg_values_supported"), algorithms, "{mode:?}");
        assert_eq!(document.get("dpop_bound_access_tokens_required"), is_required, "{mode:?}");
    }
    let narrow = document(DpopSettings::default().with_algorithms(["Ed25519".parse().unwrap()]));
    assert_eq!(narrow["dpop_signing_alg_values_supported"], json!(["EdDSA", "Ed25519"]));
}
