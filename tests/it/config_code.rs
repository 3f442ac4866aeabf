//! Configuration in code: everything wrong at once, each with its path.

use std::time::Duration;

use claviger::AuthConfig;
use claviger::AuthConfigBuilder;
use claviger::CookieFailure;
use claviger::Issuer;
use claviger::KeySettings;
use claviger::Profile;
use claviger::TokenSource;
use claviger::Verifier;
use claviger::error::ConfigError;
use serde_json::json;

use crate::support::AUDIENCE;
use crate::support::problem_paths;

const ISSUER: &str = "https://issuer.example.com";

fn paths(error: &ConfigError) -> Vec<&str> {
    error.problems().iter().map(|problem| problem.path()).collect()
}

fn problems(issuer: Issuer) -> Vec<String> {
    problem_paths(AuthConfig::builder(issuer).build())
}

#[test]
fn issuer_and_audience_have_no_default() {
    assert!(AuthConfig::new(ISSUER, AUDIENCE).is_ok());
    for (issuer, audience) in [("", ""), (" ", "\t")] {
        let error = AuthConfig::new(issuer, audience).unwrap_err();
        assert_eq!(paths(&error), ["issuers[0].issuer", "issuers[0].audience"]);
    }
    assert_eq!(paths(&Verifier::for_issuers([]).build().unwrap_err()), ["issuers"]);
}

#[test]
fn every_problem_is_told_with_its_path_in_one_text() {
    let mut keys = KeySettings::default();
    keys.min_lifetime = Duration::from_secs(7200);
    keys.max_keys = 0;
    let error = AuthConfig::builder(Issuer::new("ftp://x", "").with_leeway(Duration::from_secs(301)))
        .add_issuer(Issuer::new(ISSUER, AUDIENCE).with_algorithms([]).bind_claim("", 1))
        .with_realm("a\"b")
        .with_max_token_bytes(0)
        .with_keys(keys)
        .build()
        .unwrap_err();
    let expected = [
        "realm",
        "keys.max_keys",
        "keys.min_lifetime",
        "max_token_bytes",
        "issuers[0].issuer",
        "issuers[0].audience",
        "issuers[0].leeway",
        "issuers[1].algorithms",
        "issuers[1].bind",
    ];
    assert_eq!(paths(&error), expected);
    let text = error.to_string();
    assert!(expected.iter().all(|path| text.contains(&format!("\n  {path}: "))), "{text}");
}

#[test]
fn an_issuer_that_is_no_exact_https_identifier_is_wrong() {
    for issuer in [
        "http://issuer.example.com",
        "issuer.example.com",
        "https://user@issuer.example.com",
        "https://user:secret@issuer.example.com",
        "https://issuer.example.com?x=1",
        "https://issuer.example.com#x",
        " https://issuer.example.com",
        "https://issuer.example.com/a\tb",
        "https:\\\\issuer.example.com",
        "file:///etc/issuer",
    ] {
        assert_eq!(problems(Issuer::new(issuer, AUDIENCE)), ["issuers[0].issuer"], "{issuer}");
    }
    for issuer in
        ["https://issuer.example.com/", "http://localhost:8080/realms/x", "http://127.0.0.1", "http://[::1]:1"]
    {
        assert!(problems(Issuer::new(issuer, AUDIENCE)).is_empty(), "{issuer}");
    }
    assert!(problems(Issuer::new("http://idp:8080", AUDIENCE).with_insecure_http()).is_empty());
}

#[test]
fn keys_have_one_source() {
    let issuer = || Issuer::new(ISSUER, AUDIENCE);
    let jwks = claviger_testing::TestIssuer::in_memory(ISSUER).jwks();
    for (wrong, path) in [
        (issuer().with_jwks_uri("https://k.example/jwks").with_discovery_url("https://k.example/d"), "discovery_url"),
        (issuer().with_jwks(jwks.clone()).with_jwks_uri("https://k.example/jwks"), "jwks_uri"),
        (issuer().with_jwks_uri("http://k.example/jwks"), "jwks_uri"),
        (issuer().with_jwks_uri("https://user@k.example/jwks"), "jwks_uri"),
        (issuer().with_discovery_url("k.example"), "discovery_url"),
        (issuer().with_jwks("{}"), "jwks"),
        (issuer().with_jwks(r#"{"keys":[]}"#), "jwks"),
        (issuer().with_jwks_file("/no/such/file"), "jwks_file"),
        (issuer().with_pem("-----BEGIN JUNK-----"), "pem"),
        (issuer().with_fetch_base_url("http://idp:8080/path"), "fetch_base_url"),
        (issuer().with_fetch_base_url("http://user@idp:8080"), "fetch_base_url"),
        (issuer().with_jwks_uri("https://k.example/jwks").with_fetch_base_url("http://idp"), "fetch_base_url"),
        (issuer().with_jwks(jwks).with_fetch_base_url("http://idp"), "fetch_base_url"),
    ] {
        assert_eq!(problems(wrong), [format!("issuers[0].{path}")]);
    }
    assert!(problems(issuer().with_fetch_base_url("http://idp:8080")).is_empty());
}

#[test]
fn one_wrong_address_does_not_hide_another() {
    let issuer = Issuer::new(ISSUER, AUDIENCE)
        .with_discovery_url("d.example")
        .with_jwks_uri("http://k.example/jwks")
        .with_fetch_base_url("idp");
    let all = ["jwks_uri", "fetch_base_url", "discovery_url", "jwks_uri"].map(|path| format!("issuers[0].{path}"));
    assert_eq!(problems(issuer), all);
    let wrong = || Issuer::new(ISSUER, AUDIENCE).with_jwks("{}");
    let twice = AuthConfig::builder(wrong()).add_issuer(wrong()).build().unwrap_err();
    assert_eq!(paths(&twice), ["issuers[0].jwks", "issuers[1].issuer", "issuers[1].jwks"]);
}

#[test]
fn durations_contradict_neither_each_other_nor_the_calendar() {
    let day = Duration::from_secs(24 * 3600);
    type Change = fn(&mut KeySettings, Duration);
    let changes: [(Change, &str); 4] = [
        (|keys, day| keys.default_lifetime = day, "keys.default_lifetime"),
        (|keys, day| keys.refetch_interval = day * 2, "keys.refetch_interval"),
        (|keys, day| keys.max_lifetime = day * 2, "keys.max_lifetime"),
        (|keys, day| keys.max_stale = day * 8, "keys.max_stale"),
    ];
    for (change, path) in changes {
        let mut keys = KeySettings::default();
        change(&mut keys, day);
        let error = AuthConfig::builder(Issuer::new(ISSUER, AUDIENCE)).with_keys(keys).build().unwrap_err();
        assert_eq!(paths(&error), [path]);
    }
}

#[test]
fn keys_that_were_given_are_not_shown() {
    let secret = Issuer::new(ISSUER, AUDIENCE).with_jwks(r#"{"keys":[{"kty":"oct","k":"marker"}]}"#).with_pem("marker");
    let builder = AuthConfig::builder(secret.clone());
    assert!(!format!("{secret:?} {builder:?}").contains("marker"));
}

#[test]
fn contradictions_are_wrong() {
    let issuer = || Issuer::new(ISSUER, AUDIENCE);
    for (wrong, path) in [
        (issuer().allow_nonce(), "allow_nonce"),
        (issuer().with_profile(Profile::Identity).allow_nonce(), "allow_nonce"),
        (issuer().with_access_token_claim("app_id"), "access_token_claim"),
        (issuer().with_profile(Profile::Identity).bind_access_token_claim("mode", "access"), "access_token_claim"),
        (issuer().with_profile(Profile::Jwt).with_access_token_claim(" "), "access_token_claim"),
        (issuer().with_profile(Profile::Jwt).bind_access_token_claim("", 1), "access_token_claim"),
        (issuer().with_profile(Profile::Jwt).bind_access_token_claim("mode", json!([])), "access_token_claim.mode"),
        (issuer().with_profile(Profile::Jwt).bind_access_token_claim("mode", json!(null)), "access_token_claim.mode"),
        (issuer().add_token_type("wit+jwt"), "token_types"),
        (issuer().with_profile(Profile::Jwt).add_token_type("wit+jwt"), "token_types"),
        (issuer().with_profile(Profile::Identity).add_token_type(" "), "token_types"),
        (issuer().ignore_confirmation(""), "ignored_confirmation"),
        (issuer().ignore_confirmation("jkt"), "ignored_confirmation"),
        (issuer().ignore_confirmation("x5t#S256"), "ignored_confirmation"),
        (issuer().ignore_confirmation("jwk"), "ignored_confirmation"),
        (issuer().ignore_confirmation("jwe"), "ignored_confirmation"),
        (issuer().ignore_confirmation("kid"), "ignored_confirmation"),
        (issuer().ignore_confirmation("device_id").ignore_confirmation("jku"), "ignored_confirmation"),
        (issuer().with_max_token_age(Duration::ZERO), "max_token_age"),
        (issuer().require_claim(" "), "required_claims"),
        (issuer().bind_claim("tid", json!([])), "bind.tid"),
        (issuer().bind_claim("tid", json!(null)), "bind.tid"),
        (issuer().bind_claim("tid", json!(["a", null])), "bind.tid"),
        (issuer().bind_claim("tid", "a").bind_claim("tid", "b"), "bind.tid"),
    ] {
        assert_eq!(problems(wrong), [format!("issuers[0].{path}")]);
    }
    let twice = AuthConfig::builder(issuer()).add_issuer(issuer()).build().unwrap_err();
    assert_eq!(paths(&twice), ["issuers[1].issuer"]);
}

#[test]
fn a_realm_that_could_break_a_challenge_is_wrong() {
    for realm in ["", " ", "a\"b", "a\\b", "a\r\nb", "ä", "a\u{7f}"] {
        let error = AuthConfig::builder(Issuer::new(ISSUER, AUDIENCE)).with_realm(realm).build().unwrap_err();
        assert_eq!(paths(&error), ["realm"], "{realm:?}");
    }
}

fn of_settings(change: impl FnOnce(AuthConfigBuilder) -> AuthConfigBuilder) -> Vec<String> {
    match change(AuthConfig::builder(Issuer::new(ISSUER, AUDIENCE))).build() {
        Ok(_) => Vec::new(),
        Err(error) => paths(&error).into_iter().map(str::to_owned).collect(),
    }
}

#[test]
fn sources_are_a_list_of_different_places_with_names_that_are_some() {
    let of = |sources: Vec<TokenSource>| of_settings(|settings| settings.with_sources(sources));
    assert_eq!(of(Vec::new()), ["sources"]);
    let wrong = ["", " ", "a b", "a:b", "ä", "authorization", "Proxy-Authorization", "Cookie", "DPoP"];
    for name in wrong.into_iter().chain(["sec-websocket-protocol"]) {
        assert_eq!(of(vec![TokenSource::Authorization, TokenSource::header(name)]), ["sources[1].header"], "{name}");
    }
    for name in ["", " ", "a b", "a=b", "a;b", "ä"] {
        assert_eq!(of(vec![TokenSource::Query, TokenSource::cookie(name)]), ["sources[1].cookie"], "{name}");
    }
    assert!(of(vec![TokenSource::cookie("__Host-session"), TokenSource::cookie("__host-session")]).is_empty());
    for twice in [TokenSource::Query, TokenSource::Authorization, TokenSource::cookie("a"), TokenSource::header("x-a")]
    {
        assert_eq!(of(vec![TokenSource::WebSocketProtocol, twice.clone(), twice]), ["sources[2]"]);
    }
    assert_eq!(of(vec![TokenSource::header("x-a"), TokenSource::header("X-A")]), ["sources[1]"]);
}

#[test]
fn an_address_of_ours_is_https_or_loopback_and_nothing_else_stands_in_it() {
    for (url, is_right) in [
        ("https://api.example.com", true),
        ("https://api.example.com/prefix", true),
        ("http://localhost:3000", true),
        ("http://[::1]", true),
        ("http://api.example.com", false),
        ("https://user@api.example.com", false),
        ("https://:secret@api.example.com", false),
        ("https://api.example.com?x", false),
        ("https://api.example.com#x", false),
        ("api.example.com", false),
        ("wss://api.example.com", false),
        ("", false),
    ] {
        let found = of_settings(|settings| settings.with_public_url(url));
        assert_eq!(found, ["public_url"][usize::from(is_right)..], "{url}");
    }
    assert_eq!(of_settings(|settings| settings.with_hosts(["a.example", "a.example/"])), ["hosts[1]"]);
    assert_eq!(of_settings(|settings| settings.with_cookie_origins(["https://a.example/"])), ["cookie_origins[0]"]);
    let pardoning = |settings: AuthConfigBuilder| settings.with_cookie_failure(CookieFailure::Anonymous);
    assert_eq!(of_settings(pardoning), ["cookie_failure"]);
    assert!(of_settings(|settings| pardoning(settings).allow_anonymous()).is_empty());
}
