//! Section 4 of the contract: which schemes are named, on one line, and in which order.

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use claviger::AuthConfig;
use claviger::AuthConfigBuilder;
use claviger::AuthLayer;
use claviger::CertificateSettings;
use claviger::Claims;
use claviger::DpopMode;
use claviger::DpopSettings;
use claviger::Issuer;
use claviger::RequireScopeLayer;
use claviger::ScopePolicy;
use claviger::TokenSource;
use claviger::authenticate::Authentication;
use claviger::authorize::Demand;
use claviger::error::Reason;
use claviger::extract::Rejection;
use claviger::extract::Scoped;
use claviger_testing::DpopClient;
use claviger_testing::TestIssuer;
use http::Method;
use http::Request;
use http::header::HOST;
use http::header::WWW_AUTHENTICATE;
use tower::ServiceExt;

use crate::support::AUDIENCE;
use crate::support::Answer;
use crate::support::Api;
use crate::support::Change;

const ORIGIN: &str = "https://api.example.com";
const BEARER_FIRST: [(&str, Option<&str>); 2] = [("Bearer", None), ("DPoP", None)];
const DPOP_FIRST: [(&str, Option<&str>); 2] = [("DPoP", None), ("Bearer", None)];

fn in_mode(mode: DpopMode) -> Api {
    Api::with_settings(|settings| settings.with_public_url(ORIGIN).with_dpop(DpopSettings::new(mode)))
}

/// `GET` with these fields.
fn ask(path: &str, fields: &[(&str, &str)]) -> Request<Body> {
    let request = fields.iter().fold(Request::get(path), |request, (name, value)| request.header(*name, *value));
    request.body(Body::empty()).unwrap()
}

#[tokio::test]
async fn all_challenges_stand_on_one_line_and_bearer_begins_it() {
    let api = in_mode(DpopMode::Allowed);
    for answer in [api.authorize(&[]).await, api.authorize(&[b"Basic dTpw"]).await] {
        let lines: Vec<_> = answer.headers.get_all(WWW_AUTHENTICATE).iter().collect();
        assert_eq!(lines, [r#"Bearer realm="api", DPoP algs="ES256 ES384 EdDSA Ed25519 RS256 PS256""#]);
    }
}

#[tokio::test]
async fn the_scheme_that_was_used_comes_first_if_it_is_accepted() {
    let invalid = Some("invalid_token");
    let on_bearer = [("Bearer", invalid), ("DPoP", None)];
    let on_dpop = [("DPoP", invalid), ("Bearer", None)];
    for mode in [DpopMode::Allowed, DpopMode::Bound] {
        let api = in_mode(mode);
        api.show("junk").await.assert_challenged(401, Reason::MalformedToken, &on_bearer);
        let by_dpop = ask("/", &[("authorization", "DPoP junk"), ("dpop", "junk")]);
        api.send(by_dpop).await.assert_challenged(401, Reason::MalformedToken, &on_dpop);
    }
    for (mode, scheme, named) in
        [(DpopMode::Required, "Bearer", &[("DPoP", None)]), (DpopMode::Disabled, "DPoP", &[("Bearer", None)])]
    {
        let answer = in_mode(mode).authorize(&[format!("{scheme} junk").as_bytes()]).await;
        answer.assert_challenged(401, Reason::UnsupportedScheme, named);
    }
}

/// Without a certificate source no bearer token could pass.
#[tokio::test]
async fn where_only_keys_bind_tokens_dpop_begins_the_line() {
    let bound = |settings: AuthConfigBuilder| {
        settings
            .with_public_url(ORIGIN)
            .with_dpop(DpopSettings::new(DpopMode::Bound))
            .with_sources([TokenSource::Authorization, TokenSource::header("x-token")])
    };
    let without = Api::with_settings(bound);
    without.authorize(&[]).await.assert_challenged(401, Reason::MissingCredentials, &DPOP_FIRST);
    without.authorize(&[b"Basic x"]).await.assert_challenged(401, Reason::UnsupportedScheme, &DPOP_FIRST);
    let invalid = Some("invalid_token");
    let elsewhere = without.send(ask("/", &[("x-token", "junk")])).await;
    elsewhere.assert_challenged(401, Reason::MalformedToken, &[("DPoP", invalid), ("Bearer", invalid)]);
    // Whoever used Bearer hears of that first.
    let unbound = without.show(&without.token().sign()).await;
    unbound.assert_challenged(401, Reason::BindingMismatch, &[("Bearer", invalid), ("DPoP", None)]);

    let with = Api::with_settings(|settings| bound(settings).with_certificate(CertificateSettings::new()));
    with.authorize(&[]).await.assert_challenged(401, Reason::MissingCredentials, &BEARER_FIRST);
}

#[tokio::test]
async fn ed25519_is_named_by_both_of_its_names() {
    for (algorithms, named) in [
        (&["Ed25519"][..], "EdDSA Ed25519"),
        (&["EdDSA", "Ed25519", "ES256"], "EdDSA Ed25519 ES256"),
        (&["PS256", "EdDSA"], "PS256 EdDSA Ed25519"),
        (&["ES384"], "ES384"),
    ] {
        let dpop = DpopSettings::default().with_algorithms(algorithms.iter().map(|name| name.parse().unwrap()));
        let api = Api::with_settings(|settings| settings.with_public_url(ORIGIN).with_dpop(dpop));
        let (_, parameters) = api.authorize(&[]).await.challenges().swap_remove(1);
        assert_eq!(parameters, [("algs".to_owned(), named.to_owned())]);
    }
}

#[tokio::test]
async fn dpop_is_named_only_where_it_can_be_served() {
    let settings: [(Change, bool); 4] = [
        (|settings| settings.with_public_url(ORIGIN), true),
        (|settings| settings.with_resource("https://api.example.com/mcp"), true),
        (|settings| settings.with_hosts(["api.example.com"]), true),
        (|settings| settings, false),
    ];
    for (settings, is_configured) in settings {
        let api = Api::with_settings(settings);
        for (hosts, is_loopback) in [
            (&["api.example.com"][..], false),
            (&["other.example:8443"], false),
            (&[], false),
            (&["localhost.example.com"], false),
            (&["127.example.com"], false),
            (&["localhost:3000", "localhost:3000"], false),
            (&["127.0.0.1:3000"], true),
            (&["LocalHost"], true),
            (&["[::1]:3000"], true),
        ] {
            let fields: Vec<_> = hosts.iter().map(|host| (HOST.as_str(), *host)).collect();
            let named = if is_configured || is_loopback { &BEARER_FIRST[..] } else { &[("Bearer", None)] };
            api.send(ask("/", &fields)).await.assert_challenged(401, Reason::MissingCredentials, named);
        }
    }
}

#[tokio::test]
async fn where_dpop_cannot_be_served_it_counts_as_disabled() {
    for mode in [DpopMode::Allowed, DpopMode::Disabled] {
        let api = Api::with_settings(|settings| settings.with_dpop(DpopSettings::new(mode)));
        let client = DpopClient::new().with_clock(api.clock.clone());
        let bound = api.token().claim("cnf", client.confirmation()).sign();
        let proof = client.proof(&Method::GET, "https://api.example.com/", &bound).sign();
        let host = ("host", "api.example.com");
        let with = |authorization: &str| ask("/", &[("authorization", authorization), ("dpop", &proof), host]);

        let by_dpop = api.send(with(&format!("DPoP {bound}"))).await;
        by_dpop.assert_challenged(401, Reason::UnsupportedScheme, &[("Bearer", None)]);
        let malformed = api.send(with("DPoP a b")).await;
        malformed.assert_challenged(401, Reason::UnsupportedScheme, &[("Bearer", None)]);
        let stolen = api.send(with(&format!("Bearer {bound}"))).await;
        stolen.assert_challenged(401, Reason::BindingMismatch, &[("Bearer", Some("invalid_token"))]);
        // Stray proofs are ignored.
        api.send(with(&format!("Bearer {}", api.token().sign()))).await.assert_passed();
    }
    // On loopback it is served, so a proof beside a bearer token is a contradiction.
    let api = Api::new();
    let bearer = format!("Bearer {}", api.token().sign());
    let on_loopback = ask("/", &[("authorization", &bearer), ("dpop", "junk"), ("host", "localhost")]);
    let told = [("Bearer", Some("invalid_request")), ("DPoP", None)];
    api.send(on_loopback).await.assert_challenged(400, Reason::MalformedRequest, &told);
}

struct Reading;

impl Demand for Reading {
    fn policy() -> &'static ScopePolicy {
        static POLICY: std::sync::LazyLock<ScopePolicy> =
            std::sync::LazyLock::new(|| ScopePolicy::scope("read").unwrap());
        &POLICY
    }
}

async fn ask_for_more(auth: Authentication) -> Result<(), Rejection> {
    auth.require(Reading::policy())
}

/// Whoever refuses behind the layer names what the layer would.
#[tokio::test]
async fn guards_and_extractors_name_dpop_where_the_layer_does() {
    let issuer = TestIssuer::in_memory("https://issuer.example.com");
    let trusted = Issuer::new(issuer.url(), AUDIENCE).with_jwks(issuer.jwks());
    let cfg = AuthConfig::builder(trusted).allow_anonymous().build().unwrap();
    let guard = RequireScopeLayer::new(Reading::policy().clone());
    let app = Router::new()
        .route("/layer", get(async || ()).route_layer(guard))
        .route("/claims", get(async |_: Claims<serde_json::Value>| ()))
        .route("/extractor", get(async |_: Scoped<Reading>| ()))
        .route("/body", get(async |_: Scoped<Reading, String>| ()))
        .route("/mark", get(ask_for_more))
        .layer(AuthLayer::new(cfg));
    for path in ["/layer", "/claims", "/extractor", "/body", "/mark"] {
        for (host, named) in [
            ("localhost:3000", &BEARER_FIRST[..]),
            ("api.example.com", &[("Bearer", None)]),
            ("[::1", &[("Bearer", None)]),
        ] {
            let response = app.clone().oneshot(ask(path, &[("host", host)])).await.unwrap();
            Answer::of(response, false).await.assert_challenged(401, Reason::MissingCredentials, named);
        }
    }
}
