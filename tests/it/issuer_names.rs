//! Section 3 of the contract, "the issuer's name" and `fetch_base_url`: what an issuer may be called, and what is fetched.

use std::fs;

use claviger::AuthConfig;
use claviger::Issuer;
use claviger::KeyErrorKind;
use claviger::Verifier;
use claviger::error::Reason;
use claviger_testing::TestIssuer;
use serde_json::json;
use tempfile::NamedTempFile;

use crate::support::AUDIENCE;
use crate::support::Documents;
use crate::support::new_key;
use crate::support::problem_paths;
use crate::support::read_config;

const KEYS: &str = "https://keys.example.com/jwks";
const METADATA: &str = "https://keys.example.com/metadata";
/// RFC 7519, section 2, StringOrURI: as some issuer of the real world is called.
const NAMES: [&str; 6] = [
    "my-iss",
    "urn:example:issuer",
    "robot@project.iam.gserviceaccount.com",
    "http://adfs.example/adfs/services/trust",
    "My Company, Inc.",
    "https://idp.example/?tenant=1#x",
];

fn named(name: &str) -> TestIssuer {
    TestIssuer::builder().with_issuer(name).with_key(new_key("1")).in_memory()
}

fn verifier(documents: &Documents, issuer: Issuer) -> Verifier {
    Verifier::builder(issuer).with_fetch(documents.clone()).build().unwrap()
}

async fn verdict(verifier: &Verifier, token: String) -> Result<(), Reason> {
    verifier.verify(&token).await.map(|_| ()).map_err(|error| error.reason())
}

#[tokio::test]
async fn an_issuer_that_is_a_name_alone_is_any_text_compared_as_it_stands() {
    for name in NAMES {
        let issuer = named(name);
        let documents = Documents::default();
        documents.serve(KEYS, issuer.jwks());
        documents.serve(METADATA, json!({ "issuer": name, "jwks_uri": KEYS }).to_string());
        let file = NamedTempFile::new().unwrap();
        fs::write(file.path(), issuer.jwks()).unwrap();
        let trusted = || Issuer::new(name, AUDIENCE);
        for trusted in [
            trusted().with_jwks_uri(KEYS),
            trusted().with_discovery_url(METADATA),
            trusted().with_jwks(issuer.jwks()),
            trusted().with_jwks_file(file.path()),
            trusted().with_pem(issuer.current_key().public_pem()),
        ] {
            let verifier = verifier(&documents, trusted);
            assert_eq!(verdict(&verifier, issuer.token().sign()).await, Ok(()), "{name}");
            for other in [format!("{name}/"), format!(" {name}"), name.to_uppercase()] {
                let token = issuer.token().claim("iss", &*other).sign();
                assert_eq!(verdict(&verifier, token).await, Err(Reason::UnknownIssuer), "{other}");
            }
        }
    }
}

#[tokio::test]
async fn a_configuration_file_takes_a_name_as_well() {
    for name in NAMES {
        let issuer = named(name);
        let cfg = read_config(&format!(
            "[[issuers]]\nissuer = {name:?}\naudience = {AUDIENCE:?}\njwks = '{}'\n",
            issuer.jwks().replace('\n', "")
        ));
        assert_eq!(verdict(cfg.unwrap().verifier(), issuer.token().sign()).await, Ok(()), "{name}");
    }
}

#[test]
fn an_issuer_that_is_asked_for_its_metadata_is_an_https_url() {
    let built = |issuer: Issuer| AuthConfig::builder(issuer).build();
    for name in NAMES {
        let paths = problem_paths(built(Issuer::new(name, AUDIENCE)));
        assert!(!paths.is_empty() && paths.iter().all(|path| path == "issuers[0].issuer"), "{name}: {paths:?}");
    }
    let text = built(Issuer::new("my-iss", AUDIENCE)).unwrap_err().to_string();
    assert!(text.contains("must be an https URL") && text.contains("`jwks_uri`"), "{text}");
    for blank in ["", " ", "\t"] {
        let issuer = Issuer::new(blank, AUDIENCE).with_jwks_uri(KEYS);
        assert_eq!(problem_paths(built(issuer)), ["issuers[0].issuer"], "{blank:?}");
    }
    for right in ["https://idp.example", "http://127.0.0.1:8080", "http://localhost/realm", "http://[::1]:1"] {
        assert!(built(Issuer::new(right, AUDIENCE)).is_ok(), "{right}");
    }
    assert!(built(Issuer::new("http://idp.example", AUDIENCE).with_insecure_http()).is_ok());
}

/// What the metadata at the base name is fetched, or not; `Ok` is the address.
async fn jwks_uri_is_fetched(jwks_uri: &str) -> Result<String, KeyErrorKind> {
    const ISSUER: &str = "https://login.example.com/realm";
    let (issuer, documents) = (named(ISSUER), Documents::default());
    documents.serve_metadata("http://idp:8080/realm", ISSUER, jwks_uri);
    for address in ["http://idp:8080/realm/keys", "http://idp:8081/realm/keys", "http://keys.example/k", KEYS] {
        documents.serve(address, issuer.jwks());
    }
    let trusted = Issuer::new(ISSUER, AUDIENCE).with_fetch_base_url("http://idp:8080");
    let verifier = verifier(&documents, trusted);
    match verdict(&verifier, issuer.token().sign()).await {
        Ok(()) => Ok(documents.asked().pop().unwrap()),
        Err(_) => Err(verifier.status()[0].last_error.as_ref().unwrap().kind()),
    }
}

#[tokio::test]
async fn with_fetch_base_url_addresses_at_the_issuers_origin_move_and_those_at_the_base_stay() {
    for (jwks_uri, fetched) in [
        ("https://login.example.com/realm/keys", Ok("http://idp:8080/realm/keys")),
        ("http://idp:8080/realm/keys", Ok("http://idp:8080/realm/keys")),
        (KEYS, Ok(KEYS)),
        ("http://idp:8081/realm/keys", Err(KeyErrorKind::Metadata)),
        ("http://keys.example/k", Err(KeyErrorKind::Metadata)),
        ("http://login.example.com/realm/keys", Err(KeyErrorKind::Metadata)),
    ] {
        assert_eq!(jwks_uri_is_fetched(jwks_uri).await, fetched.map(str::to_owned), "{jwks_uri}");
    }
}

#[tokio::test]
async fn a_discovery_url_at_the_base_is_fetched_as_it_is() {
    let (issuer, documents) = (named("my-iss"), Documents::default());
    documents.serve("http://idp:8080/m", json!({ "issuer": "my-iss", "jwks_uri": "http://idp:8080/k" }).to_string());
    documents.serve("http://idp:8080/k", issuer.jwks());
    let trusted = || Issuer::new("my-iss", AUDIENCE).with_discovery_url("http://idp:8080/m");
    let verifier = verifier(&documents, trusted().with_fetch_base_url("http://idp:8080"));
    assert_eq!(verdict(&verifier, issuer.token().sign()).await, Ok(()));
    for wrong in [trusted(), trusted().with_fetch_base_url("http://idp:8081")] {
        assert_eq!(problem_paths(Verifier::builder(wrong).build()), ["issuers[0].discovery_url"]);
    }
}
