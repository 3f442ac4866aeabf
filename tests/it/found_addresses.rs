//! Issuers found at run time (section 3 of the contract): from where something is fetched for them.

use std::net::TcpListener;

use bytes::Bytes;
use claviger::AuthConfig;
use claviger::Fetch;
use claviger::FetchError;
use claviger::FetchFuture;
use claviger::HttpFetch;
use claviger::Issuer;
use claviger::KeyErrorKind;
use claviger::KeySettings;
use claviger::Verifier;
use claviger::error::Reason;
use claviger_testing::TestIssuer;
use http::Request;
use http::Response;
use serde_json::json;

use crate::support::AUDIENCE;
use crate::support::problem_paths;

/// A port of this machine where no connection may arrive.
struct Forbidden(TcpListener);

impl Forbidden {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        Self(listener)
    }

    fn port(&self) -> u16 {
        self.0.local_addr().unwrap().port()
    }

    fn assert_untouched(&self) {
        assert!(self.0.accept().is_err(), "a connection has arrived");
    }
}

async fn assert_not_public(verifier: &Verifier, issuer: &TestIssuer) {
    let error = verifier.verify(&issuer.token().sign()).await.unwrap_err();
    assert_eq!(error.reason(), Reason::KeysUnavailable);
    let status = verifier.status().remove(0);
    assert_eq!(status.last_error.unwrap().kind(), KeyErrorKind::NotPublic);
}

#[tokio::test]
async fn a_name_of_this_machine_is_not_connected_to() {
    let forbidden = Forbidden::new();
    let issuer = TestIssuer::in_memory(format!("https://localhost:{}", forbidden.port()));
    let found = || Issuer::new(issuer.url(), AUDIENCE).found_at_run_time();
    for found in [
        found(),
        found().with_jwks_uri(format!("{}/jwks", issuer.url())),
        found().with_discovery_url(format!("{}/metadata", issuer.url())),
    ] {
        assert_not_public(&Verifier::builder(found.clone()).build().unwrap(), &issuer).await;
        // What is fetched for the operator's own goes another way.
        let own = Issuer::new("https://own.example", AUDIENCE);
        assert_not_public(&Verifier::for_issuers([own, found]).build().unwrap(), &issuer).await;
    }
    forbidden.assert_untouched();
}

/// Has the metadata of one issuer in memory, and fetches all else.
#[derive(Debug)]
struct Metadata(HttpFetch, String);

impl Fetch for Metadata {
    fn fetch(&self, request: Request<()>) -> FetchFuture<'_> {
        if request.uri().host() != Some("login.customer.example") {
            return self.0.fetch(request);
        }
        let metadata = Bytes::from(self.1.clone());
        Box::pin(async move { Ok(Response::new(metadata)) })
    }

    fn keeps_to_public_addresses(&self) -> bool {
        self.0.keeps_to_public_addresses()
    }
}

#[tokio::test]
async fn the_jwks_uri_of_the_metadata_is_judged_like_every_address() {
    let forbidden = Forbidden::new();
    let port = forbidden.port();
    let issuer = TestIssuer::in_memory("https://login.customer.example");
    let fetching = |jwks_uri: String| {
        let metadata = json!({ "issuer": issuer.url(), "jwks_uri": jwks_uri }).to_string();
        let http = HttpFetch::to_public_addresses(&KeySettings::default()).unwrap();
        let found = Issuer::new(issuer.url(), AUDIENCE).found_at_run_time();
        Verifier::builder(found).with_fetch(Metadata(http, metadata)).build().unwrap()
    };
    for host in ["127.0.0.1", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]", "localhost"] {
        assert_not_public(&fetching(format!("https://{host}:{port}/jwks")), &issuer).await;
    }
    for metadata_of_a_cloud in ["https://169.254.169.254/", "https://[fd00:ec2::254]/", "https://[64:ff9b::a9fe:a9fe]/"]
    {
        assert_not_public(&fetching(metadata_of_a_cloud.to_owned()), &issuer).await;
    }
    // Loopback hosts of other issuers may be asked over http.
    let plain = fetching(format!("http://127.0.0.1:{port}/jwks"));
    assert!(plain.verify(&issuer.token().sign()).await.is_err());
    assert_eq!(plain.status()[0].last_error.as_ref().unwrap().kind(), KeyErrorKind::Metadata);
    forbidden.assert_untouched();
}

/// One that says nothing of the addresses that it connects to.
#[derive(Debug)]
struct Anywhere;

impl Fetch for Anywhere {
    fn fetch(&self, _: Request<()>) -> FetchFuture<'_> {
        Box::pin(async { Err(FetchError::Deadline) })
    }
}

fn problems(issuer: Issuer) -> Vec<String> {
    problem_paths(AuthConfig::builder(issuer).build())
}

#[test]
fn what_only_the_operators_own_issuers_may_have_is_wrong_and_told_at_once() {
    let found = |issuer: &str| Issuer::new(issuer, AUDIENCE).found_at_run_time();
    let own = |name: &str| format!("issuers[0].{name}");
    assert!(problems(found("https://login.customer.example")).is_empty());
    assert!(problems(found("https://8.8.8.8")).is_empty());
    let all = found("https://login.customer.example")
        .with_fetch_base_url("https://idp:8443")
        .with_insecure_http()
        .with_bearer_token_file(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"));
    assert_eq!(problems(all), ["fetch_base_url", "insecure_http", "bearer_token_file"].map(own));
    for (wrong, name) in [
        (found("http://login.customer.example"), "issuer"),
        (found("http://localhost:8080"), "issuer"),
        (found("https://10.0.0.1"), "issuer"),
        (found("https://2130706433"), "issuer"),
        (found("https://[::1]/realms/a"), "issuer"),
        (found("https://login.customer.example").with_jwks_uri("https://127.1/jwks"), "jwks_uri"),
        (found("https://login.customer.example").with_jwks_uri("http://localhost/jwks"), "jwks_uri"),
        (found("https://login.customer.example").with_discovery_url("https://[fe80::1]/metadata"), "discovery_url"),
    ] {
        assert_eq!(problems(wrong.clone()), [own(name)], "{wrong:?}");
    }
}

#[test]
fn with_static_keys_nothing_is_fetched_and_nothing_is_wrong() {
    let issuer = TestIssuer::in_memory("http://localhost:8080");
    let found = Issuer::new(issuer.url(), AUDIENCE).with_jwks(issuer.jwks()).found_at_run_time();
    assert!(problems(found.clone()).is_empty());
    assert!(Verifier::builder(found).with_fetch(Anywhere).build().is_ok());
}

#[test]
fn a_fetch_of_the_applications_own_must_say_that_it_keeps_to_public_addresses() {
    let found = || Issuer::new("https://login.customer.example", AUDIENCE).found_at_run_time();
    let settings = KeySettings::default();
    let builder = || Verifier::builder(Issuer::new("https://login.operator.example", AUDIENCE)).add_issuer(found());
    let of_a_client = HttpFetch::from_client(reqwest::Client::new(), &settings);
    for silent in [builder().with_fetch(Anywhere), builder().with_fetch(of_a_client)] {
        let error = silent.build().unwrap_err();
        let paths: Vec<_> = error.problems().iter().map(|problem| problem.path()).collect();
        assert_eq!(paths, ["issuers[1].found_at_run_time"]);
    }
    assert!(builder().with_fetch(HttpFetch::to_public_addresses(&settings).unwrap()).build().is_ok());
    assert!(
        builder()
            .with_fetch(Metadata(HttpFetch::to_public_addresses(&settings).unwrap(), String::new()))
            .build()
            .is_ok()
    );
    assert!(builder().build().is_ok());
}
