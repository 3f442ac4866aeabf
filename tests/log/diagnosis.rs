//! What the log tells an operator to do, for each kind of refusal that puzzles one.

use axum::body::Body;
use claviger::AllowedIssuers;
use claviger::AuthConfig;
use claviger::AuthConfigBuilder;
use claviger::DpopMode;
use claviger::DpopSettings;
use claviger::Issuer;
use claviger::IssuerQuery;
use claviger::PeerAddress;
use claviger::Profile;
use claviger::error::Reason;
use claviger_testing::DpopClient;
use claviger_testing::TestClock;
use claviger_testing::TestIssuer;
use claviger_testing::TokenBuilder;
use http::Method;
use http::Request;
use http::header::AUTHORIZATION;
use http::header::HOST;
use serde_json::json;

use crate::Log;
use crate::support::AUDIENCE;
use crate::support::Api;
use crate::support::NOW;
use crate::support::new_key;

/// What is logged of this token, and nothing of which is in it.
async fn logged(api: &Api, token: &str, reason: Reason) -> String {
    let log = Log::listen();
    log.text();
    api.show(token).await.assert_invalid_token(reason);
    let text = log.text();
    assert!(text.contains(" INFO ") && text.lines().count() == 1, "{text}");
    assert!(!token.split('.').any(|part| part.len() > 8 && text.contains(part)), "{text}");
    text
}

fn assert_has(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part} is not in {text}");
    }
}

fn guarded(settings: impl FnOnce(AuthConfigBuilder) -> AuthConfigBuilder) -> Api {
    let clock = TestClock::at_second(NOW);
    let issuer = TestIssuer::builder().with_clock(clock.clone()).in_memory();
    let trusted = Issuer::new(issuer.url(), AUDIENCE).with_jwks(issuer.jwks());
    Api::guarded(issuer, clock, trusted, settings)
}

#[tokio::test]
async fn an_unknown_issuer_is_logged_with_up_to_five_that_are_accepted() {
    let api = guarded(|settings| settings);
    let token = api.token().claim("iss", "https://other.example").sign();
    let text = logged(&api, &token, Reason::UnknownIssuer).await;
    assert_has(&text, &["issuer=\"https://other.example\"", r#"accepted: \"https://issuer.example.com\""#]);
    assert!(!text.contains("slash"), "{text}");

    let more = |settings: AuthConfigBuilder| {
        (1..=6).fold(settings, |settings, at| {
            let issuer = Issuer::new(format!("https://i{at}.example"), AUDIENCE).with_jwks_uri("https://i.example/k");
            settings.add_issuer(issuer)
        })
    };
    let api = guarded(more);
    let text = logged(&api, &token, Reason::UnknownIssuer).await;
    assert_has(&text, &[r#"\"https://i1.example\""#, r#"\"https://i5.example\" and 2 more"#]);
    assert!(!text.contains("https://i6.example"), "{text}");
}

#[tokio::test]
async fn an_issuer_that_differs_by_its_final_slash_alone_is_told_so() {
    let api = guarded(|settings| {
        let tenants = Issuer::new("https://login.example/{tenant}/v2.0", AUDIENCE).with_jwks_uri("https://i.example/k");
        settings
            .add_issuer(Issuer::new("https://slash.example/", AUDIENCE).with_jwks_uri("https://i.example/k"))
            .add_issuer(tenants.with_tenant_claim("tid"))
    });
    for (issuer, near) in [
        ("https://issuer.example.com/", "https://issuer.example.com"),
        ("https://slash.example", "https://slash.example/"),
        ("https://login.example/a/v2.0/", "https://login.example/a/v2.0"),
    ] {
        let token = api.token().claim("iss", issuer).sign();
        let text = logged(&api, &token, Reason::UnknownIssuer).await;
        assert_has(&text, &[&format!(r#"differs from \"{near}\" by its final slash alone"#)]);
    }
    for issuer in ["https://issuer.example.com//", "https://slash.example.", "https://login.example/a/b/v2.0/"] {
        let token = api.token().claim("iss", issuer).sign();
        let text = logged(&api, &token, Reason::UnknownIssuer).await;
        assert!(!text.contains("slash alone"), "{text}");
    }
}

#[tokio::test]
async fn with_a_resolver_those_are_accepted_that_it_allows_for_the_request() {
    let api = guarded(|settings| {
        let other = Issuer::new("https://other.example/", AUDIENCE).with_jwks_uri("https://i.example/k");
        settings
            .add_issuer(other)
            .with_resolver(async |_: IssuerQuery| Ok(AllowedIssuers::configured(["https://other.example/"])))
    });
    let text = logged(&api, &api.token().sign(), Reason::UnknownIssuer).await;
    assert_has(&text, &[r#"accepted: \"https://other.example/\""#]);
    assert!(!text.contains("accepted: \\\"https://issuer.example.com"), "{text}");
    let near = api.token().claim("iss", "https://other.example").sign();
    let text = logged(&api, &near, Reason::UnknownIssuer).await;
    assert_has(&text, &["by its final slash alone"]);
}

#[tokio::test]
async fn times_are_logged_as_dates_with_the_leeway() {
    type Change = fn(TokenBuilder) -> TokenBuilder;
    let api = guarded(|settings| settings);
    let now = "now Sun, 15 Jun 2025 15:06:40 GMT, leeway 30 s";
    let cases: [(Change, Reason, &str); 3] = [
        (|token| token.claim("exp", NOW - 60), Reason::Expired, "the token expired at Sun, 15 Jun 2025 15:05:40 GMT"),
        (|token| token.claim("nbf", NOW + 60), Reason::NotYetValid, "not valid before Sun, 15 Jun 2025 15:07:40 GMT"),
        (|token| token.claim("iat", NOW + 60), Reason::IssuedInFuture, "issued at Sun, 15 Jun 2025 15:07:40 GMT"),
    ];
    for (change, reason, text) in cases {
        assert_has(&logged(&api, &change(api.token()).sign(), reason).await, &[text, now]);
    }
    let api = Api::with_rules(|issuer| issuer.with_max_token_age(std::time::Duration::from_secs(60)));
    let text = logged(&api, &api.token().claim("iat", NOW - 120).sign(), Reason::TooOld).await;
    assert_has(&text, &["issued at Sun, 15 Jun 2025 15:04:40 GMT", "more than 60 s ago"]);
}

#[tokio::test]
async fn the_time_of_a_proof_is_logged_as_a_date() {
    let api = guarded(|settings| settings.with_public_url("https://api.example.com"));
    let client = DpopClient::new().with_clock(api.clock.clone());
    let token = api.token().claim("cnf", client.confirmation()).sign();
    let proof = client.proof(&Method::GET, "https://api.example.com/", &token).issued(-301).sign();
    let log = Log::listen();
    let mut asking = Request::get("/").header(AUTHORIZATION, format!("DPoP {token}")).body(Body::empty()).unwrap();
    asking.headers_mut().insert("dpop", proof.parse().unwrap());
    assert_eq!(api.send(asking).await.reason, Some(Reason::ProofExpired));
    let text = log.text();
    assert_has(&text, &["made at Sun, 15 Jun 2025 15:01:39 GMT", "now Sun, 15 Jun 2025 15:06:40 GMT", "300 s ago"]);
}

#[tokio::test]
async fn a_refused_algorithm_is_logged_with_the_accepted_ones() {
    let api = guarded(|settings| settings);
    for algorithm in ["HS256", "none", "ES384", "XY1"] {
        let token = api.token().header("alg", algorithm).sign();
        let text = logged(&api, &token, Reason::UnsupportedAlgorithm).await;
        assert_has(&text, &[&format!("algorithm=\"{algorithm}\""), "accepted: RS256, PS256, ES256, Ed"]);
        assert_has(&text, &["symmetric ones (`HS256` and the like) and `none` never are"]);
    }
    // Which algorithms an issuer may use is said of issuers that are known.
    let stranger = api.token().header("alg", "HS256").claim("iss", "https://other.example").sign();
    let text = logged(&api, &stranger, Reason::UnsupportedAlgorithm).await;
    assert!(text.contains("never are") && !text.contains("accepted:"), "{text}");
}

#[tokio::test]
async fn an_unknown_key_is_logged_with_the_known_key_ids() {
    let api = guarded(|settings| settings);
    let own = api.issuer.current_key().key_id().unwrap().to_owned();
    let text = logged(&api, &api.token().signed_by(&new_key("lost")).sign(), Reason::UnknownKey).await;
    assert_has(&text, &["key_id=\"lost\"", &format!(r#"known key ids: \"{own}\""#)]);
}

#[tokio::test]
async fn tokens_that_are_no_signed_jwt_are_called_by_their_name() {
    let api = guarded(|settings| settings);
    for token in ["opaque-token-of-eighteen", "v1.local.abcdefgh"] {
        let text = logged(&api, token, Reason::MalformedToken).await;
        let is_opaque = text.contains("opaque tokens need introspection");
        assert_eq!(is_opaque, token.split('.').count() != 3, "{text}");
    }
    let encrypted = "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..abcdefghijkl.abcdefghijkl.abcdefghijkl";
    assert_has(&logged(&api, encrypted, Reason::MalformedToken).await, &["encrypted"]);
}

#[tokio::test]
async fn a_wrong_audience_is_logged_as_json() {
    let api = guarded(|settings| settings);
    for (audience, json) in [
        (json!("https://other.example"), r#"audience="https://other.example" "#),
        (json!(["https://other.example"]), r#"audience=["https://other.example"] "#),
        (json!(["a", "b \"c\"\u{1b}"]), r#"audience=["a","b \"c\"\u001b"] "#),
        (json!([]), "audience=[] "),
    ] {
        let text = logged(&api, &api.token().audience(audience).sign(), Reason::WrongAudience).await;
        assert_has(&text, &[json, r#"expected="https://api.example.com""#]);
    }
    let both = Api::with_rules(|issuer| issuer.add_audience("https://second.example"));
    let text = logged(&both, &both.token().audience("x").sign(), Reason::WrongAudience).await;
    assert_has(&text, &[r#"expected=["https://api.example.com","https://second.example"]"#]);
}

/// Only where that profile would accept this very token.
#[tokio::test]
async fn for_a_missing_claim_the_profile_is_named_that_does_not_need_it() {
    let api = guarded(|settings| settings);
    for missing in ["jti", "iat", "sub", "client_id"] {
        let text = logged(&api, &api.token().without(missing).sign(), Reason::MissingClaim).await;
        assert_has(&text, &[&format!("the claim `{missing}` is missing; profile `jwt` would accept it")]);
    }
    let refused_otherwise: [fn(TokenBuilder) -> TokenBuilder; 3] = [
        |token| token.without("jti").claim("token_use", "refresh"),
        |token| token.without("jti").claim("at_hash", "x"),
        |token| token.without("aud"),
    ];
    for change in refused_otherwise {
        let text = logged(&api, &change(api.token()).sign(), Reason::MissingClaim).await;
        assert!(!text.contains("profile"), "{text}");
    }
    let by_jwt = Api::with_rules(|issuer| issuer.with_profile(Profile::Jwt).require_claim("org_id"));
    let text = logged(&by_jwt, &by_jwt.token().sign(), Reason::MissingClaim).await;
    assert!(text.contains("`org_id` is missing") && !text.contains("profile"), "{text}");
}

#[tokio::test]
async fn a_token_by_the_wrong_scheme_or_none_is_logged_at_info() {
    let log = Log::listen();
    let allowed = guarded(|settings| settings.with_public_url("https://api.example.com"));
    let with_mode = |mode| {
        guarded(move |settings| settings.with_public_url("https://api.example.com").with_dpop(DpopSettings::new(mode)))
    };
    let (required, disabled) = (with_mode(DpopMode::Required), with_mode(DpopMode::Disabled));
    let no_address = guarded(|settings| settings);
    log.text();
    let token = allowed.token().sign();
    for (api, field, why) in [
        (&allowed, token.clone(), "a token without a scheme"),
        (&allowed, format!("Token {token}"), "neither Bearer nor DPoP"),
        (&required, format!("Bearer {token}"), "only DPoP is accepted"),
        (&disabled, format!("DPoP {token}"), "which is disabled"),
        (&no_address, format!("DPoP {token}"), "`public_url`, `resource` or `hosts` off loopback"),
    ] {
        let mut asking = Request::get("/").header(AUTHORIZATION, field).body(Body::empty()).unwrap();
        asking.headers_mut().insert(HOST, "api.example.com".parse().unwrap());
        let answer = api.send(asking).await;
        assert_eq!((answer.status.as_u16(), answer.reason), (401, Some(Reason::UnsupportedScheme)), "{why}");
        let text = log.text();
        assert_has(&text, &[" INFO ", "reason=\"unsupported_scheme\"", "field=\"Authorization\"", why]);
        assert!(!token.split('.').any(|part| text.contains(part)), "{text}");
    }
    for field in [&b"Basic dTpw"[..], b"Bearer"] {
        required.authorize(&[field]).await;
        let text = log.text();
        assert!(text.contains("DEBUG") && !text.contains(" INFO ") && !text.contains("dTpw"), "{text}");
    }
}

#[tokio::test]
async fn an_ambiguous_address_is_logged_with_the_field_and_why() {
    let log = Log::listen();
    let api = guarded(|settings| settings.with_hosts(["api.example.com"]).with_trusted_proxies(["10.0.0.0/8"]));
    let client = DpopClient::new().with_clock(api.clock.clone());
    let token = api.token().claim("cnf", client.confirmation()).sign();
    for (fields, field, why) in [
        (&[("host", "marker,b")][..], "Host", "is not `host` or `host:port`"),
        (&[("host", "marker"), ("host", "marker")], "Host", "stands there twice"),
        (&[("x-forwarded-host", "marker/")], "X-Forwarded-Host", "has no `host[:port]`"),
        (&[("x-forwarded-host", "marker, b")], "X-Forwarded-Host", "has several values"),
        (&[("forwarded", "host=\"marker")], "Forwarded", "is malformed"),
        (&[("forwarded", "host=marker"), ("x-forwarded-host", "b")], "Forwarded", "names another host"),
    ] {
        let mut asking = Request::get("/").body(Body::empty()).unwrap();
        for (name, value) in fields {
            asking.headers_mut().append(*name, value.parse().unwrap());
        }
        asking.extensions_mut().insert(PeerAddress("10.0.0.1".parse().unwrap()));
        client.authorize_at(&mut asking, "https://api.example.com/", &token);
        assert_eq!(api.send(asking).await.status, 400, "{fields:?}");
        let text = log.text();
        assert_has(&text, &[" INFO ", "reason=\"malformed_request\"", &format!("field=\"{field}\""), why]);
        assert!(!text.contains("marker"), "{text}");
    }
}

#[tokio::test]
async fn a_field_that_tells_no_certificate_is_logged_with_why() {
    let log = Log::listen();
    let api = guarded(|settings| {
        let certificate = claviger::CertificateSettings::new().with_header("x-forwarded-client-cert");
        settings.trust_unix_sockets().with_certificate(certificate)
    });
    let token = api.token().bound_to_certificate(b"x").sign();
    let hash = format!("Hash={}", "0".repeat(64));
    for (fields, why) in [
        (vec![format!("{hash},{hash}")], "several elements, and `certificate.element`"),
        (vec![hash.clone(), hash.clone()], "there are several such fields"),
        (vec!["By=marker".to_owned()], "neither `Hash` nor `Cert`"),
    ] {
        let mut asking = crate::support::bearer("/", &token);
        for field in fields {
            asking.headers_mut().append("x-forwarded-client-cert", field.parse().unwrap());
        }
        log.text();
        api.send(asking).await.assert_invalid_token(Reason::CertificateMismatch);
        let text = log.text();
        assert_has(&text, &[why]);
        assert!(!text.contains("marker") && !text.contains("0000"), "{text}");
    }
}

/// Whoever reads a configuration that was built elsewhere sees the accepted ones too.
#[tokio::test]
async fn an_error_of_the_verifier_says_the_same() {
    let issuer = TestIssuer::in_memory("https://issuer.example.com");
    let cfg = AuthConfig::builder(Issuer::new(issuer.url(), AUDIENCE).with_jwks(issuer.jwks())).build().unwrap();
    let error = cfg.verifier().verify(&issuer.token().claim("iss", "https://issuer.example.com/").sign()).await;
    let text = error.unwrap_err().to_string();
    assert_has(&text, &["accepted: \"https://issuer.example.com\"", "by its final slash alone"]);
}
