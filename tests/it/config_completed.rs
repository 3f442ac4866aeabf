//! Section 6 of the contract: a configuration file that code completes.

use std::sync::Arc;

use axum::body::Body;
use bytes::Bytes;
use claviger::AllowedIssuers;
use claviger::AuthConfig;
use claviger::AuthConfigBuilder;
use claviger::AuthLayer;
use claviger::CheckVerdict;
use claviger::Fetch;
use claviger::FetchFuture;
use claviger::Issuer;
use claviger::IssuerQuery;
use claviger::KeySnapshot;
use claviger::KeyStore;
use claviger::MemoryReplayStore;
use claviger::StoreFuture;
use claviger::VerifiedToken;
use claviger::clock::SystemClock;
use claviger::error::Reason;
use claviger::respond::Refused;
use claviger_testing::TestClock;
use claviger_testing::TestIssuer;
use http::Request;
use http::Response;
use http::StatusCode;
use http::header::AUTHORIZATION;
use serde::Deserialize;
use serde_json::json;
use tower::Layer;
use tower::ServiceExt;
use tower::service_fn;

use crate::support::AUDIENCE;
use crate::support::NOW;
use crate::support::problem_paths;

const ISSUER: &str = "https://tenant.example.com/";

fn file() -> String {
    format!("[[issuers]]\nissuer = \"{ISSUER}\"\naudience = \"{AUDIENCE}\"\n")
}

fn issuer() -> (TestIssuer, TestClock) {
    let clock = TestClock::at_second(NOW);
    (TestIssuer::builder().with_issuer(ISSUER).with_clock(clock.clone()).in_memory(), clock)
}

/// Documents that need no network.
#[derive(Debug)]
struct InMemory {
    discovery: String,
    jwks: String,
}

impl InMemory {
    fn of(issuer: &TestIssuer) -> Self {
        Self { discovery: issuer.discovery(), jwks: issuer.jwks() }
    }
}

impl Fetch for InMemory {
    fn fetch(&self, request: Request<()>) -> FetchFuture<'_> {
        let is_jwks = request.uri().path().ends_with("/jwks");
        let body = if is_jwks { self.jwks.clone() } else { self.discovery.clone() };
        Box::pin(async { Ok(Response::new(Bytes::from(body))) })
    }
}

#[derive(Debug)]
struct Empty;

impl KeyStore for Empty {
    fn get<'a>(&'a self, _: &'a str) -> StoreFuture<'a, Option<KeySnapshot>> {
        Box::pin(async { Ok(None) })
    }

    fn put<'a>(&'a self, _: &'a KeySnapshot) -> StoreFuture<'a, ()> {
        Box::pin(async { Ok(()) })
    }
}

async fn status(cfg: AuthConfig, token: &str) -> StatusCode {
    let inner = service_fn(async |_: Request<Body>| Ok::<_, std::convert::Infallible>(Response::new(Body::empty())));
    let request = Request::get("/").header(AUTHORIZATION, format!("Bearer {token}")).body(Body::empty()).unwrap();
    AuthLayer::new(cfg).layer(inner).oneshot(request).await.unwrap().status()
}

#[tokio::test]
async fn code_adds_what_no_file_can_say() {
    let (issuer, clock) = issuer();
    let cfg = AuthConfigBuilder::read_toml(&file())
        .with_fetch(InMemory::of(&issuer))
        .with_clock(clock)
        .with_key_store(Empty)
        .with_check(async |token: VerifiedToken| {
            let is_denied = token.subject() == Some("mallory");
            Ok(if is_denied { CheckVerdict::deny("suspended") } else { CheckVerdict::Allow })
        })
        .with_responder(|_: &Refused| Response::new(Bytes::from_static(b"refused by us")))
        .build();
    let cfg = cfg.unwrap();
    assert_eq!(status(cfg.clone(), &issuer.token().sign()).await, StatusCode::OK);
    assert_eq!(status(cfg, &issuer.token().claim("sub", "mallory").sign()).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_resolver_may_complete_a_file_without_issuers() {
    let (issuer, clock) = issuer();
    let jwks = issuer.jwks();
    let builder = AuthConfigBuilder::read_toml("realm = \"reports\"").with_clock(clock);
    assert_eq!(problem_paths(AuthConfigBuilder::read_toml("realm = \"reports\"").build()), ["issuers"]);
    let resolver =
        async move |_: IssuerQuery| Ok(AllowedIssuers::found([Issuer::new(ISSUER, AUDIENCE).with_jwks(jwks)]));
    let cfg = builder.with_resolver(resolver).build().unwrap();
    assert_eq!(status(cfg, &issuer.token().sign()).await, StatusCode::OK);
}

#[tokio::test]
async fn a_replay_store_leaves_the_rest_of_the_table_as_it_is() {
    let text = format!("{}[dpop]\nmode = \"disabled\"\nreplay = \"off\"", file());
    let store = MemoryReplayStore::new(1 << 20, Arc::new(SystemClock::new()));
    let builder = AuthConfigBuilder::read_toml(&text).with_replay_store(store);
    let shown = format!("{builder:?}");
    assert!(shown.contains("Disabled") && shown.contains("MemoryReplayStore"), "{shown}");
    assert!(builder.build().is_ok());
}

#[test]
fn problems_of_file_and_code_are_reported_together() {
    let text = format!("relm = \"x\"\n{}leeway = \"soon\"\n[keys]\nmax_keys = 0", file());
    let built = AuthConfigBuilder::read_toml(&text)
        .with_hosts(["a.example/"])
        .add_issuer(Issuer::new("https://second.example", ""))
        .build();
    let error = built.unwrap_err();
    let paths: Vec<_> = error.problems().iter().map(|problem| problem.path()).collect();
    assert_eq!(paths, ["issuers[0].leeway", "relm", "hosts[0]", "keys.max_keys", "issuers[1].audience"]);
    assert!(error.to_string().contains("relm: unknown member `relm`; did you mean `realm`?"), "{error}");
    assert_eq!(format!("{error:?}"), error.to_string());
}

#[test]
fn a_file_that_cannot_be_read_is_reported_with_the_problems_of_the_code() {
    let text = "client_secret = \"marker\nrealm = 1";
    let error = AuthConfigBuilder::read_toml(text).with_realm("").build().unwrap_err();
    let paths: Vec<_> = error.problems().iter().map(|problem| problem.path()).collect();
    assert_eq!(paths, ["configuration", "realm"]);
    assert!(error.problems()[0].message().starts_with("line 1, column "), "{error}");
    assert!(!format!("{error} {error:?}").contains("marker"), "{error}");
}

/// Parsers print the line, and many hold on to the text: what any of them says ends with its first line.
#[test]
fn the_line_of_another_parsers_error_is_not_repeated() {
    let error = AuthConfig::read(Talkative).unwrap_err();
    assert_eq!(error.to_string(), "the configuration is wrong\n  configuration: parse error at line 3");
}

/// A format whose errors repeat what they stumble over.
struct Talkative;

impl<'de> serde::Deserializer<'de> for Talkative {
    type Error = serde_json::Error;

    fn deserialize_any<V: serde::de::Visitor<'de>>(self, _: V) -> Result<V::Value, Self::Error> {
        Err(serde::de::Error::custom("parse error at line 3\n  |\n3 | client_secret = marker\n  |"))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

#[tokio::test]
async fn a_builder_can_be_a_part_of_a_larger_file() {
    #[derive(Deserialize)]
    struct Service {
        auth: AuthConfigBuilder,
    }
    let (issuer, clock) = issuer();
    let file = json!({ "auth": { "issuers": [{ "issuer": ISSUER, "audience": AUDIENCE }] } });
    let service: Service = serde_json::from_value(file).unwrap();
    let cfg = service.auth.with_clock(clock).with_fetch(InMemory::of(&issuer)).build().unwrap();
    assert_eq!(cfg.verifier().verify(&issuer.token().sign()).await.unwrap().issuer(), ISSUER);
    let foreign = cfg.verifier().verify(&issuer.token().audience("x").sign()).await.unwrap_err();
    assert_eq!(foreign.reason(), Reason::WrongAudience);

    let wrong: Service = serde_json::from_value(json!({ "auth": { "x": 1 } })).unwrap();
    assert_eq!(problem_paths(wrong.auth.build()), ["x", "issuers"]);
}
