//! Section 2 of the contract, steps 3 to 5: issuer, key, signature.

use claviger::AuthConfig;
use claviger::Issuer;
use claviger::error::Reason;
use claviger_testing::SigningAlgorithm;
use claviger_testing::SigningKey;
use claviger_testing::TestClock;
use claviger_testing::TestIssuer;
use serde_json::json;

use crate::support::AUDIENCE;
use crate::support::Api;
use crate::support::NOW;

#[tokio::test]
async fn the_issuer_is_compared_byte_for_byte() {
    let api = Api::new();
    let issuer = api.issuer.url().to_owned();
    for other in [
        format!("{issuer}/"),
        issuer.to_uppercase(),
        format!(" {issuer}"),
        "https://evil.example".to_owned(),
        String::new(),
    ] {
        api.show(&api.token().claim("iss", other).sign()).await.assert_invalid_token(Reason::UnknownIssuer);
    }
    for (value, reason) in
        [(json!(null), Reason::MissingClaim), (json!(7), Reason::WrongClaim), (json!([issuer]), Reason::WrongClaim)]
    {
        api.show(&api.token().claim("iss", value).sign()).await.assert_invalid_token(reason);
    }
    api.show(&api.token().without("iss").sign()).await.assert_invalid_token(Reason::MissingClaim);
}

#[tokio::test]
async fn nothing_is_fetched_for_what_no_key_could_save() {
    let clock = TestClock::at_second(NOW);
    let api = Api::fetching(TestIssuer::builder().with_clock(clock.clone()).start().await, clock);
    for (token, reason) in [
        ("junk".to_owned(), Reason::MalformedToken),
        (api.token().claim("iss", "https://evil.example").sign(), Reason::UnknownIssuer),
        (api.token().header("alg", "none").with_signature([]).sign(), Reason::UnsupportedAlgorithm),
        (api.token().header("typ", "JWT").sign(), Reason::WrongType),
        (api.token().header("crit", json!(["x"])).sign(), Reason::MalformedToken),
        ("a".repeat(20_000), Reason::MalformedToken),
    ] {
        api.show(&token).await.assert_invalid_token(reason);
    }
    assert_eq!((api.issuer.fetches().discovery(), api.issuer.fetches().jwks()), (0, 0));
    api.show(&api.token().sign()).await.assert_passed();
    assert_eq!((api.issuer.fetches().discovery(), api.issuer.fetches().jwks()), (1, 1));
}

#[tokio::test]
async fn one_issuers_keys_never_verify_anothers_tokens() {
    let shared = SigningKey::generate(SigningAlgorithm::Es256).with_key_id("1");
    let issuer = |name: &str, key: SigningKey| TestIssuer::builder().with_issuer(name).with_key(key).in_memory();
    let a = issuer("https://a.example", shared);
    let b = issuer("https://b.example", SigningKey::generate(SigningAlgorithm::Es256).with_key_id("1"));
    let trusted = |issuer: &TestIssuer| Issuer::new(issuer.url(), AUDIENCE).with_jwks(issuer.jwks());
    let cfg = AuthConfig::builder(trusted(&a)).add_issuer(trusted(&b)).build().unwrap();
    let verifier = cfg.verifier();
    assert!(verifier.verify(&a.token().sign()).await.is_ok());
    assert!(verifier.verify(&b.token().sign()).await.is_ok());
    let crossed = a.token().signed_by(&b.current_key()).sign();
    assert_eq!(verifier.verify(&crossed).await.unwrap_err().reason(), Reason::BadSignature);
}

#[tokio::test]
async fn each_issuer_has_its_own_rules() {
    let a = TestIssuer::in_memory("https://a.example");
    let b = TestIssuer::builder().with_issuer("https://b.example").with_audience("https://b-api.example").in_memory();
    let cfg = AuthConfig::builder(Issuer::new(a.url(), AUDIENCE).with_jwks(a.jwks()))
        .add_issuer(Issuer::new(b.url(), "https://b-api.example").with_jwks(b.jwks()))
        .build()
        .unwrap();
    assert!(cfg.verifier().verify(&b.token().sign()).await.is_ok());
    let wrong = b.token().audience(AUDIENCE).sign();
    assert_eq!(cfg.verifier().verify(&wrong).await.unwrap_err().reason(), Reason::WrongAudience);
}

#[tokio::test]
async fn the_key_that_is_named_decides_and_no_other() {
    let key = |id: &str| SigningKey::generate(SigningAlgorithm::Es256).with_key_id(id);
    let issuer = TestIssuer::builder().with_keys([key("a"), key("b")]).in_memory();
    let trusted = Issuer::new(issuer.url(), AUDIENCE).with_jwks(issuer.jwks());
    let verifier = claviger::Verifier::builder(trusted).build().unwrap();
    let verdict = async |token: String| verifier.verify(&token).await.map(|_| ()).map_err(|error| error.reason());
    assert_eq!(verdict(issuer.token().sign()).await, Ok(()));
    assert_eq!(verdict(issuer.token().header("kid", "b").sign()).await, Err(Reason::BadSignature));
    assert_eq!(verdict(issuer.token().header("kid", "c").sign()).await, Err(Reason::UnknownKey));
    assert_eq!(verdict(issuer.token().header("kid", "").sign()).await, Err(Reason::UnknownKey));
    assert_eq!(verdict(issuer.token().without_header("kid").sign()).await, Err(Reason::UnknownKey));
}

#[tokio::test]
async fn without_kid_the_only_key_that_fits_decides() {
    let api = Api::new();
    api.show(&api.token().without_header("kid").sign()).await.assert_passed();
    let other = SigningKey::generate(SigningAlgorithm::Es256).without_key_id();
    api.show(&api.token().signed_by(&other).sign()).await.assert_invalid_token(Reason::BadSignature);
}

#[tokio::test]
async fn a_key_is_used_for_what_it_says_and_nothing_else() {
    let fit = SigningKey::generate(SigningAlgorithm::Es256);
    for (name, value) in [
        ("use", json!("enc")),
        ("key_ops", json!(["sign"])),
        ("alg", json!("ES384")),
        ("alg", json!("ECDH-ES")),
        ("d", json!("AAAA")),
    ] {
        let other = SigningKey::generate(SigningAlgorithm::Ed25519);
        let unfit = fit.clone().with_member(name, value.clone());
        let issuer = TestIssuer::builder().with_keys([unfit, other]).in_memory();
        let trusted = Issuer::new(issuer.url(), AUDIENCE).with_jwks(issuer.jwks());
        let verifier = claviger::Verifier::builder(trusted).build().unwrap();
        let error = verifier.verify(&issuer.token().sign()).await.unwrap_err();
        assert_eq!(error.reason(), Reason::UnknownKey, "{name} {value}");
    }
}

#[tokio::test]
async fn a_pem_key_has_no_kid_and_fits_any() {
    let issuer = TestIssuer::in_memory("https://issuer.example.com");
    let pem = issuer.current_key().public_pem();
    let verifier = claviger::Verifier::builder(Issuer::new(issuer.url(), AUDIENCE).with_pem(pem)).build().unwrap();
    assert!(verifier.verify(&issuer.token().sign()).await.is_ok());
    assert!(verifier.verify(&issuer.token().header("kid", "anything").sign()).await.is_ok());
    assert!(verifier.verify(&issuer.token().without_header("kid").sign()).await.is_ok());
}
