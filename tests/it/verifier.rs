//! The verifier by itself, for programs that get their tokens some other way.

use std::sync::Arc;

use claviger_core::Issuer;
use claviger_core::KeyError;
use claviger_core::KeyErrorKind;
use claviger_core::Verification;
use claviger_core::Verifier;
use claviger_core::error::Failure;
use claviger_core::error::Reason;
use claviger_core::error::Refusal;
use claviger_core::strip_bearer;
use claviger_testing::TestIssuer;
use serde::Deserialize;
use serde_json::json;

use crate::support::AUDIENCE;

fn subject() -> (TestIssuer, Verifier) {
    let issuer = TestIssuer::in_memory("https://issuer.example.com");
    let trusted = Issuer::new(issuer.url(), AUDIENCE).with_jwks(issuer.jwks());
    let verifier = Verifier::builder(trusted).build().unwrap();
    (issuer, verifier)
}

#[tokio::test]
async fn a_field_is_taken_with_or_without_its_scheme() {
    let (issuer, verifier) = subject();
    let token = issuer.token().sign();
    for field in [token.clone(), format!("Bearer {token}"), format!("bEARER   {token}")] {
        assert!(verifier.verify(strip_bearer(&field)).await.is_ok());
    }
    assert!(verifier.verify(&format!("Bearer {token}")).await.is_err());
}

#[tokio::test]
async fn a_believed_token_tells_what_was_signed() {
    let (issuer, verifier) = subject();
    let token = issuer.token().claim("sub", "alice").scope("a b").claim("n", 7).audience(vec![AUDIENCE, "x"]).sign();
    let token = verifier.verify(&token).await.unwrap();
    assert_eq!(token.issuer(), issuer.url());
    assert_eq!((token.subject(), token.client_id()), (Some("alice"), Some("client-1")));
    assert_eq!(token.audience().collect::<Vec<_>>(), [AUDIENCE, "x"]);
    assert_eq!(token.scopes().collect::<Vec<_>>(), ["a", "b"]);
    assert!(token.expires_at().unwrap() > token.issued_at().unwrap());
    assert!(token.token_id().is_some_and(|id| token.payload().contains(id)));
    assert_eq!(token.key_id(), issuer.current_key().key_id());
}

#[tokio::test]
async fn a_single_claim_is_absent_valid_or_wrong() {
    let (issuer, verifier) = subject();
    let payload = r#"{"iss":"@","aud":"https://api.example.com","sub":"s","client_id":"c","iat":0,"exp":9e9,"jti":"j","role":"admin","n":7,"none":null,"huge":1e400}"#
        .replace('@', issuer.url());
    let token = verifier.verify(&issuer.token().raw_payload(payload).sign()).await.unwrap();
    assert_eq!(token.claim::<String>("role").unwrap().as_deref(), Some("admin"));
    assert_eq!(token.claim::<u8>("n").unwrap(), Some(7));
    for absent in ["none", "nothing", "Role"] {
        assert_eq!(token.claim::<String>(absent).unwrap(), None);
    }
    for wrong in ["n", "huge"] {
        let error = token.claim::<String>(wrong).unwrap_err();
        assert!(matches!(error.failure(), Failure::WrongClaim(name) if name == wrong));
    }
}

#[tokio::test]
async fn claims_of_an_application_are_kept_for_each_type() {
    #[derive(Deserialize)]
    struct User {
        sub: String,
    }
    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "never made")]
    struct Strict {
        missing: String,
    }
    let (issuer, verifier) = subject();
    let token = verifier.verify(&issuer.token().sign()).await.unwrap();
    let clone = token.clone();
    let first = token.claims::<User>().unwrap();
    assert_eq!(first.sub, "user-1");
    assert!(Arc::ptr_eq(&first, &clone.claims::<User>().unwrap()));
    let error = token.claims::<Strict>().unwrap_err();
    assert!(matches!(error.failure(), Failure::ClaimsShape { claims, .. } if claims.ends_with("Strict")));
    assert_eq!(error.facts().unwrap().issuer(), Some(issuer.url()));
    assert_eq!(error.refusal(), Refusal::InvalidToken);
}

#[tokio::test]
async fn further_claims_can_be_demanded_for_one_call() {
    let (issuer, verifier) = subject();
    let token = issuer.token().claim("org_id", "acme").claim("none", json!(null)).sign();
    assert!(verifier.verify_with(&token, &["org_id", "sub"]).await.is_ok());
    for missing in ["none", "tenant", "Org_id"] {
        let error = verifier.verify_with(&token, &["org_id", missing]).await.unwrap_err();
        assert!(matches!(error.failure(), Failure::MissingClaim { name, .. } if name == missing));
    }
    let expired = issuer.token().claim("exp", 1).sign();
    assert_eq!(verifier.verify_with(&expired, &["tenant"]).await.unwrap_err().reason(), Reason::Expired);
}

#[tokio::test]
async fn keys_at_hand_decide_at_once_and_keys_to_fetch_are_waited_for() {
    let (issuer, verifier) = subject();
    assert!(matches!(verifier.begin(&issuer.token().sign()), Verification::Decided(Ok(_))));
    let remote = TestIssuer::start().await;
    let verifier = Verifier::builder(Issuer::new(remote.url(), AUDIENCE)).build().unwrap();
    assert!(matches!(verifier.begin("junk"), Verification::Decided(Err(_))));
    let Verification::Waiting(waiting) = verifier.begin(&remote.token().sign()) else {
        panic!("there are no keys yet");
    };
    assert!(waiting.await.is_ok());
    assert!(matches!(verifier.begin(&remote.token().sign()), Verification::Decided(Ok(_))));
}

#[test]
fn outside_of_a_runtime_keys_at_hand_serve_and_others_are_unavailable() {
    let (issuer, verifier) = subject();
    assert!(matches!(verifier.begin(&issuer.token().sign()), Verification::Decided(Ok(_))));
    let remote = Verifier::builder(Issuer::new("https://issuer.example.com", AUDIENCE)).build().unwrap();
    let Verification::Decided(Err(error)) = remote.begin(&issuer.token().sign()) else {
        panic!("there is nothing to wait for");
    };
    assert_eq!(error.reason(), Reason::KeysUnavailable);
    assert_eq!(remote.status()[0].last_error.as_ref().map(KeyError::kind), Some(KeyErrorKind::Aborted));
}
