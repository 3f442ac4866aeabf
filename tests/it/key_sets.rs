//! Section 3 of the contract, "one bad key in a set": which keys are used, and for whom.

use claviger::Issuer;
use claviger::KeyErrorKind;
use claviger::Verifier;
use claviger::error::Reason;
use claviger_testing::SigningAlgorithm;
use claviger_testing::SigningKey;
use claviger_testing::TestIssuer;
use serde_json::Value;
use serde_json::json;

use crate::support::AUDIENCE;
use crate::support::Api;
use crate::support::Documents;
use crate::support::new_key;

const ISSUER: &str = "https://issuer.example.com";

/// With this key set in place of its own.
fn verifier(issuer: &TestIssuer, jwks: impl Into<String>) -> Verifier {
    Verifier::builder(Issuer::new(issuer.url(), AUDIENCE).with_jwks(jwks)).build().unwrap()
}

async fn verdict(verifier: &Verifier, token: String) -> Result<(), Reason> {
    verifier.verify(&token).await.map(|_| ()).map_err(|error| error.reason())
}

/// The verdict on a token of the first key, while the set has another one that is good.
async fn verdict_beside_a_good_key(first: SigningKey) -> Result<(), Reason> {
    let issuer = TestIssuer::builder().with_issuer(ISSUER).with_keys([first, new_key("good")]).in_memory();
    let verifier = verifier(&issuer, issuer.jwks());
    let good = issuer.token().signed_by(&new_key("good")).sign();
    assert_eq!(verdict(&verifier, good).await, Err(Reason::BadSignature), "it is there, and another one");
    verdict(&verifier, issuer.token().sign()).await
}

#[tokio::test]
async fn optional_members_that_are_null_or_empty_are_absent() {
    let null = ["use", "alg", "key_ops", "d", "p", "q", "dp", "dq", "qi", "oth", "k", "x5c", "x5t", "x5u", "issuer"];
    let null = null.map(|name| (name, Value::Null));
    for (name, value) in null.into_iter().chain(["oth", "x5c", "key_ops"].map(|name| (name, json!([])))) {
        let key = new_key("1").with_member(name, value.clone());
        assert_eq!(verdict_beside_a_good_key(key).await, Ok(()), "{name} {value}");
    }
    // A key whose `kid` is `null` has none, and serves tokens that have none.
    let issuer = TestIssuer::builder().with_issuer(ISSUER).with_key(new_key("1").with_member("kid", json!(null)));
    let issuer = issuer.in_memory();
    let verifier = verifier(&issuer, issuer.jwks());
    assert!(verifier.status()[0].key_ids.is_empty());
    assert_eq!(verdict(&verifier, issuer.token().without_header("kid").sign()).await, Ok(()));
}

/// Microsoft.IdentityModel.Tokens, as `JsonSerializer` writes it.
#[tokio::test]
async fn a_whole_json_web_key_of_dotnet_is_a_key() {
    let mut key = SigningKey::generate(SigningAlgorithm::Rs256).with_key_id("1");
    for name in ["crv", "d", "dp", "dq", "k", "p", "q", "qi", "x", "x5t", "x5t#S256", "x5u", "y"] {
        key = key.with_member(name, Value::Null);
    }
    for name in ["key_ops", "oth", "x5c"] {
        key = key.with_member(name, json!([]));
    }
    key = key.with_member("AdditionalData", json!({})).with_member("KeySize", 2048);
    key = key.with_member("HasPrivateKey", false).with_member("CryptoProviderFactory", json!({ "CacheSize": 24 }));
    assert_eq!(verdict_beside_a_good_key(key).await, Ok(()));
}

#[tokio::test]
async fn keys_that_must_not_verify_are_skipped_and_the_others_are_used() {
    let rsa = || SigningKey::generate(SigningAlgorithm::Rs256).with_key_id("1");
    for bad in [
        new_key("1").with_member("kty", "oct").with_member("k", "AAAA"),
        new_key("1").with_member("d", "AAAA"),
        new_key("1").with_member("oth", json!([{ "r": "AAAA" }])),
        new_key("1").with_member("use", "enc"),
        new_key("1").with_member("use", 7),
        new_key("1").with_member("key_ops", json!(["sign"])),
        new_key("1").with_member("x", "AAAA"),
        new_key("1").with_member("issuer", 7),
        SigningKey::generate_rsa(SigningAlgorithm::Rs256, 1024).with_key_id("1"),
        // Even, one, and of 34 bits.
        rsa().with_member("e", "AQAA"),
        rsa().with_member("e", "AQ"),
        rsa().with_member("e", "AgAAAAE"),
    ] {
        let jwk = bad.public_jwk();
        assert_eq!(verdict_beside_a_good_key(bad).await, Err(Reason::UnknownKey), "{jwk}");
    }
}

/// Nobody can tell which of them a token means.
#[tokio::test]
async fn two_keys_of_one_kid_and_type_are_both_dropped() {
    let keys = [new_key("twice"), new_key("twice"), new_key("once")];
    let ed25519 = SigningKey::generate(SigningAlgorithm::Ed25519).with_key_id("twice");
    let issuer = TestIssuer::builder().with_issuer(ISSUER).with_keys(keys.clone()).in_memory();
    issuer.publish(ed25519.clone());
    let verifier = verifier(&issuer, issuer.jwks());
    let by = |key: &SigningKey| verdict(&verifier, issuer.token().signed_by(key).sign());
    assert_eq!(by(&keys[0]).await, Err(Reason::UnknownKey));
    assert_eq!(by(&keys[1]).await, Err(Reason::UnknownKey));
    assert_eq!(by(&keys[2]).await, Ok(()));
    assert_eq!(by(&ed25519).await, Ok(()), "of another type, so it can be told apart");
}

#[tokio::test]
async fn a_fetched_set_without_a_usable_key_is_a_failure_that_says_why() {
    let api = Api::serving().await;
    api.issuer.replace_keys(vec![new_key("a").with_member("use", "enc"), new_key("b"), new_key("b")]);
    let verifier = Verifier::builder(Issuer::new(api.issuer.url(), AUDIENCE)).with_clock(api.clock.clone());
    let verifier = verifier.build().unwrap();
    let error = verifier.verify(&api.token().sign()).await.unwrap_err();
    assert_eq!(error.reason(), Reason::KeysUnavailable);
    let status = verifier.status().remove(0);
    let (kind, text) = status.last_error.map(|error| (error.kind(), error.to_string())).unwrap();
    assert_eq!(kind, KeyErrorKind::KeySet);
    for text in [error.to_string(), text] {
        assert!(text.contains("key \"a\": its `use` or `key_ops` do not permit to verify"), "{text}");
        assert!(text.contains("key \"b\": another key has the same `kid` and type"), "{text}");
    }
    api.show(&api.token().sign()).await.assert_unavailable();
}

#[test]
fn configured_keys_without_a_usable_one_are_a_problem_that_says_why() {
    let weak = SigningKey::generate_rsa(SigningAlgorithm::Rs256, 1024).with_key_id("weak");
    let issuer = TestIssuer::builder().with_issuer(ISSUER).with_key(weak).in_memory();
    let error = Verifier::builder(Issuer::new(ISSUER, AUDIENCE).with_jwks(issuer.jwks())).build().unwrap_err();
    assert_eq!(error.problems()[0].path(), "issuers[0].jwks");
    assert!(error.to_string().contains("key \"weak\": an RSA key must have 2048 to 8192 bits"), "{error}");
}

/// Entra ID publishes the keys of all tenants at one address.
#[tokio::test]
async fn a_key_that_names_an_issuer_signs_for_that_one_alone() {
    const TENANT: &str = "https://login.example/acme/v2.0";
    for (stated, expected) in [
        (TENANT, Ok(())),
        ("https://login.example/{tenantid}/v2.0", Ok(())),
        ("https://login.example/other/v2.0", Err(Reason::UnknownKey)),
        ("https://login.example/{tenantid}", Err(Reason::UnknownKey)),
        ("https://{tenantid}/v2.0", Err(Reason::UnknownKey)),
        ("", Err(Reason::UnknownKey)),
    ] {
        let key = new_key("1").with_member("issuer", stated);
        let issuer = TestIssuer::builder().with_issuer(TENANT).with_keys([key, new_key("2")]).in_memory();
        let verifier = verifier(&issuer, issuer.jwks());
        assert_eq!(verdict(&verifier, issuer.token().sign()).await, expected, "{stated}");
        let jwks_uri = "https://login.example/common/keys";
        let documents = Documents::default();
        documents.serve(jwks_uri, issuer.jwks());
        let fetching = Verifier::builder(Issuer::new(TENANT, AUDIENCE).with_jwks_uri(jwks_uri)).with_fetch(documents);
        assert_eq!(verdict(&fetching.build().unwrap(), issuer.token().sign()).await, expected, "{stated}");
    }
}

/// An issuer that is written in two ways is one issuer.
#[tokio::test]
async fn a_key_may_name_its_issuer_by_an_alias() {
    for stated in [ISSUER, "issuer.example.com"] {
        let issuer = TestIssuer::builder().with_issuer(ISSUER).with_key(new_key("1").with_member("issuer", stated));
        let issuer = issuer.in_memory();
        let trusted = Issuer::new(ISSUER, AUDIENCE).add_alias("issuer.example.com").with_jwks(issuer.jwks());
        let verifier = Verifier::builder(trusted).build().unwrap();
        for iss in [ISSUER, "issuer.example.com"] {
            assert_eq!(verdict(&verifier, issuer.token().claim("iss", iss).sign()).await, Ok(()), "{stated} {iss}");
        }
    }
}
