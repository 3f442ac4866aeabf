//! Section 2 of the contract, step 8: `cnf` of a token that comes as plain bearer.

use claviger::Issuer;
use claviger::error::Reason;
use serde_json::json;

use crate::support::AUDIENCE;
use crate::support::Api;
use crate::support::Rules;
use crate::support::read_config;

const THUMBPRINT: &str = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";

#[tokio::test]
async fn a_bound_token_is_never_a_bearer_token() {
    let api = Api::new();
    for (cnf, reason) in [
        (json!({ "jkt": THUMBPRINT }), Reason::BindingMismatch),
        (json!({ "jkt": "" }), Reason::BindingMismatch),
        (json!({ "x5t#S256": "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2" }), Reason::CertificateMissing),
    ] {
        api.show(&api.token().claim("cnf", cnf).sign()).await.assert_invalid_token(reason);
    }
}

#[tokio::test]
async fn a_confirmation_with_nothing_that_is_checked_is_refused() {
    let api = Api::new();
    for cnf in [
        json!({}),
        json!({ "jwk": { "kty": "EC" } }),
        json!({ "jwe": "eyJ" }),
        json!({ "kid": "k" }),
        json!({ "jku": "https://keys.example" }),
        json!({ "jwk": {}, "kid": "k" }),
        json!({ "x5t": "A" }),
        json!({ "device_id": 7 }),
        json!({ "kid": null }),
    ] {
        api.show(&api.token().claim("cnf", cnf).sign()).await.assert_invalid_token(Reason::BindingMismatch);
    }
}

#[tokio::test]
async fn a_confirmation_of_the_wrong_type_is_refused_and_null_is_none() {
    let api = Api::new();
    for cnf in [
        json!(THUMBPRINT),
        json!(7),
        json!(true),
        json!([{ "jkt": THUMBPRINT }]),
        json!({ "jkt": null }),
        json!({ "jkt": 7 }),
        json!({ "x5t#S256": null }),
        json!({ "jkt": THUMBPRINT, "x5t#S256": [] }),
    ] {
        api.show(&api.token().claim("cnf", cnf).sign()).await.assert_invalid_token(Reason::WrongClaim);
    }
    api.show(&api.token().claim("cnf", json!(null)).sign()).await.assert_passed();
}

#[tokio::test]
async fn only_members_that_the_issuer_is_configured_to_ignore_are_ignored() {
    let rules: Rules = |issuer| issuer.ignore_confirmation("device_id").ignore_confirmation("attestation");
    let api = Api::with_rules(rules);
    for cnf in [json!({ "device_id": 7 }), json!({ "device_id": null, "attestation": { "kid": "k" } })] {
        let token = api.token().claim("cnf", cnf).sign();
        api.show(&token).await.assert_passed();
        api.show(&token).await.assert_passed();
    }
    for cnf in [json!({}), json!({ "device_id": 7, "kid": "k" }), json!({ "other": 7 }), json!({ "Device_id": 7 })] {
        api.show(&api.token().claim("cnf", cnf).sign()).await.assert_invalid_token(Reason::BindingMismatch);
    }
    for (cnf, reason) in [
        (json!({ "device_id": 7, "jkt": THUMBPRINT }), Reason::BindingMismatch),
        (json!({ "device_id": 7, "jkt": null }), Reason::WrongClaim),
        (json!(["device_id"]), Reason::WrongClaim),
    ] {
        api.show(&api.token().claim("cnf", cnf).sign()).await.assert_invalid_token(reason);
    }
}

#[tokio::test]
async fn a_file_says_which_members_are_ignored() {
    let issuer = claviger_testing::TestIssuer::in_memory("https://issuer.example.com");
    let rules =
        format!("[[issuers]]\nissuer = '{}'\naudience = '{AUDIENCE}'\njwks = '{}'", issuer.url(), issuer.jwks());
    let cfg = read_config(&format!("{rules}\nignored_confirmation = ['device_id']")).unwrap();
    let token = |cnf| issuer.token().claim("cnf", cnf).sign();
    assert!(cfg.verifier().verify(&token(json!({ "device_id": 7 }))).await.is_ok());
    let refused = cfg.verifier().verify(&token(json!({ "other": 7 }))).await.unwrap_err();
    assert_eq!(refused.reason(), Reason::BindingMismatch);
}

/// What each issuer ignores is its own affair.
#[tokio::test]
async fn one_issuer_ignores_nothing_for_another() {
    let [one, other] =
        ["https://one.example.com", "https://other.example.com"].map(claviger_testing::TestIssuer::in_memory);
    let trusted = |issuer: &claviger_testing::TestIssuer| Issuer::new(issuer.url(), AUDIENCE).with_jwks(issuer.jwks());
    let verifier = claviger::Verifier::builder(trusted(&one).ignore_confirmation("device_id"))
        .add_issuer(trusted(&other))
        .build()
        .unwrap();
    let cnf = json!({ "device_id": 7 });
    assert!(verifier.verify(&one.token().claim("cnf", cnf.clone()).sign()).await.is_ok());
    assert!(verifier.verify(&other.token().claim("cnf", cnf).sign()).await.is_err());
}
