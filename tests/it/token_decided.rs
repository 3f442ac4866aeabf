//! Section 9 of the contract, "Token": each close call is a case. Those about nesting stand in `token`, those about `cnf` in
//! `confirmation`.

use claviger::Algorithm;
use claviger::Issuer;
use claviger::Profile;
use claviger::Verifier;
use claviger::error::Reason;
use claviger_testing::SigningAlgorithm;
use claviger_testing::SigningKey;
use claviger_testing::TestClock;
use claviger_testing::TestIssuer;
use claviger_testing::TokenBuilder;
use serde_json::Value;
use serde_json::json;

use crate::support::AUDIENCE;
use crate::support::Api;
use crate::support::NOW;
use crate::support::Rules;

#[tokio::test]
async fn names_are_repeated_in_no_object_and_nul_and_huge_numbers_are_as_good_as_any() {
    let api = Api::new();
    let with = |member: &str| {
        let claims = json!({
            "iss": api.issuer.url(), "aud": AUDIENCE, "sub": "s", "client_id": "c", "iat": NOW, "exp": NOW + 60, "jti": "j",
        });
        api.token().raw_payload(claims.to_string().replacen('{', &format!("{{{member},"), 1)).sign()
    };
    for member in [r#""x":"a\u0000b""#, r#""x":1e400"#, r#""x":123456789012345678901234567890.5"#, r#""x":[-1E-400]"#] {
        api.show(&with(member)).await.assert_passed();
    }
    for member in [r#""x":{"a":1,"a":1}"#, r#""x":[{"a":{"b":1,"\u0062":2}}]"#, r#""sub":"s""#] {
        api.show(&with(member)).await.assert_invalid_token(Reason::MalformedToken);
    }
}

#[tokio::test]
async fn eddsa_and_ed25519_name_one_algorithm_in_lists_headers_and_keys() {
    let key = SigningKey::generate(SigningAlgorithm::Ed25519);
    for listed in ["EdDSA", "Ed25519"] {
        for in_key in ["EdDSA", "Ed25519"] {
            let key = key.clone().with_member("alg", in_key);
            let issuer = TestIssuer::builder().with_key(key).in_memory();
            let algorithms: Vec<Algorithm> = vec![listed.parse().unwrap()];
            let trusted = Issuer::new(issuer.url(), AUDIENCE).with_jwks(issuer.jwks()).with_algorithms(algorithms);
            let verifier = Verifier::builder(trusted).build().unwrap();
            for in_header in ["EdDSA", "Ed25519"] {
                let verdict = verifier.verify(&issuer.token().header("alg", in_header).sign()).await;
                assert!(verdict.is_ok(), "{listed} {in_key} {in_header}: {verdict:?}");
            }
        }
    }
}

#[tokio::test]
async fn zip_and_enc_are_ignored_and_an_unencoded_payload_is_refused() {
    let api = Api::new();
    api.show(&api.token().header("zip", "DEF").header("enc", "A256GCM").sign()).await.assert_passed();
    api.show(&api.token().header("b64", true).sign()).await.assert_passed();
    for value in [json!(false), json!(null), json!("false")] {
        api.show(&api.token().header("b64", value).sign()).await.assert_invalid_token(Reason::MalformedToken);
    }
}

#[tokio::test]
async fn dates_beyond_any_calendar_are_dates_and_negative_ones_are_numbers() {
    let api = Api::new();
    for (name, number, reason) in [
        ("exp", "1e400", None),
        ("exp", "18446744073709551616", None),
        ("exp", "9223372036854775808", None),
        ("exp", "-1e400", Some(Reason::Expired)),
        ("exp", "-1", Some(Reason::Expired)),
        ("nbf", "1e400", Some(Reason::NotYetValid)),
        ("nbf", "-1e400", None),
        ("iat", "18446744073709551616", Some(Reason::IssuedInFuture)),
        ("iat", "-1", None),
        ("iat", "0.5", None),
    ] {
        let mut claims = json!({
            "iss": api.issuer.url(), "aud": AUDIENCE, "sub": "s", "client_id": "c", "iat": NOW, "exp": NOW + 60, "jti": "j",
        });
        claims[name] = json!("@");
        let payload = claims.to_string().replace("\"@\"", number);
        let answer = api.show(&api.token().raw_payload(payload).sign()).await;
        reason.map_or_else(|| answer.assert_passed(), |reason| answer.assert_invalid_token(reason));
    }
}

#[tokio::test]
async fn empty_identifiers_are_missing_in_profile_rfc9068_alone() {
    let (strict, lenient) = (Api::new(), Api::with_rules(|issuer| issuer.with_profile(Profile::Jwt)));
    for name in ["sub", "client_id", "jti"] {
        strict.show(&strict.token().claim(name, "").sign()).await.assert_invalid_token(Reason::MissingClaim);
        lenient.show(&lenient.token().claim(name, "").sign()).await.assert_passed();
    }
}

#[tokio::test]
async fn a_malformed_actor_is_accepted_and_not_exposed() {
    let issuer = TestIssuer::in_memory("https://issuer.example.com");
    let trusted = Issuer::new(issuer.url(), AUDIENCE).with_jwks(issuer.jwks());
    let verifier = Verifier::builder(trusted).build().unwrap();
    for act in [json!("gateway"), json!({}), json!({ "sub": 7 }), json!({ "sub": "a", "act": [] }), json!([])] {
        let token = verifier.verify(&issuer.token().claim("act", act.clone()).sign()).await.unwrap();
        assert_eq!(token.actors().unwrap_err().reason(), Reason::WrongClaim, "{act}");
    }
}

#[tokio::test]
async fn profile_jwt_accepts_the_type_jwt_in_any_spelling() {
    let api = Api::with_rules(|issuer| issuer.with_profile(Profile::Jwt));
    for typ in ["JWT", "jwt", "Jwt", "application/jwt", "APPLICATION/JWT"] {
        api.show(&api.token().header("typ", typ).sign()).await.assert_passed();
    }
    for typ in ["text/jwt", "jwt ", "JWS", "application/"] {
        api.show(&api.token().header("typ", typ).sign()).await.assert_invalid_token(Reason::WrongType);
    }
}

#[tokio::test]
async fn scope_wins_over_scp_and_an_element_of_a_list_is_one_word() {
    let issuer = TestIssuer::in_memory("https://issuer.example.com");
    let trusted = Issuer::new(issuer.url(), AUDIENCE).with_jwks(issuer.jwks());
    let verifier = Verifier::builder(trusted).build().unwrap();
    let absent = || Value::Null;
    for (scope, scp, expected) in [
        (json!("a b"), json!("c"), vec!["a", "b"]),
        (json!("a"), json!(["c"]), vec!["a"]),
        (json!([]), json!(["c"]), vec![]),
        (json!(7), json!("c"), vec![]),
        (absent(), json!("c  d"), vec!["c", "d"]),
        (absent(), json!(["c d", "e"]), vec!["c d", "e"]),
        (json!("permissions Read"), absent(), vec!["permissions", "Read"]),
    ] {
        let token = issuer.token().claim("scope", scope.clone()).claim("scp", scp.clone());
        let token = token.claim("permissions", json!(["p"])).claim("roles", json!(["r"]));
        let token = verifier.verify(&token.sign()).await.unwrap();
        assert_eq!(token.scopes().collect::<Vec<_>>(), expected, "{scope} {scp}");
        assert!(!["p", "r", "read", "c d e", "perm"].iter().any(|word| token.has_scope(word)), "{scope} {scp}");
    }
}

/// Section 2 is in this order, so of two faults the first is the reason.
#[tokio::test]
async fn the_first_step_that_fails_is_the_reason() {
    type Fault = (fn(TokenBuilder) -> TokenBuilder, Reason);
    const FAULTS: [Fault; 11] = [
        (|token| token.header("crit", json!(["x"])), Reason::MalformedToken),
        (|token| token.header("alg", "none"), Reason::UnsupportedAlgorithm),
        (|token| token.claim("iss", "https://evil.example"), Reason::UnknownIssuer),
        (|token| token.header("typ", "dpop+jwt"), Reason::WrongType),
        (|token| token.header("kid", "unknown"), Reason::UnknownKey),
        (|token| token.with_signature([0; 64]), Reason::BadSignature),
        (|token| token.claim("exp", NOW - 60), Reason::Expired),
        (|token| token.audience("https://other.example"), Reason::WrongAudience),
        (|token| token.claim("token_use", "refresh"), Reason::WrongType),
        (|token| token.without("org_id"), Reason::MissingClaim),
        (|token| token.claim("cnf", json!({ "jwk": {} })), Reason::BindingMismatch),
    ];
    let rules: Rules = |issuer| issuer.with_profile(Profile::Jwt).require_claim("org_id");
    let api = Api::with_rules(rules);
    let right = || api.token().claim("org_id", "acme");
    api.show(&right().sign()).await.assert_passed();
    for (at, (first, reason)) in FAULTS.iter().enumerate() {
        api.show(&first(right()).sign()).await.assert_invalid_token(*reason);
        for (second, _) in FAULTS.iter().skip(at + 1) {
            api.show(&first(second(right())).sign()).await.assert_invalid_token(*reason);
        }
    }
}

/// A key in a file or a text that has no `kid` is like one from PEM; one that was fetched is for tokens without `kid`.
#[tokio::test]
async fn a_static_key_without_an_id_fits_any_if_it_alone_fits_the_algorithm() {
    let nameless = |algorithm| SigningKey::generate(algorithm).without_key_id();
    let clock = TestClock::at_second(NOW);
    let verdict = async |keys: Vec<SigningKey>| {
        let issuer = TestIssuer::builder().with_keys(keys).with_clock(clock.clone()).in_memory();
        let trusted = Issuer::new(issuer.url(), AUDIENCE).with_jwks(issuer.jwks());
        let verifier = Verifier::builder(trusted).with_clock(clock.clone()).build().unwrap();
        let verdict = verifier.verify(&issuer.token().header("kid", "any").sign()).await;
        verdict.map(|_| ()).map_err(|error| error.reason())
    };
    assert_eq!(verdict(vec![nameless(SigningAlgorithm::Es256)]).await, Ok(()));
    assert_eq!(verdict(vec![nameless(SigningAlgorithm::Es256), nameless(SigningAlgorithm::Ed25519)]).await, Ok(()));
    let two = vec![nameless(SigningAlgorithm::Es256), nameless(SigningAlgorithm::Es256)];
    assert_eq!(verdict(two).await, Err(Reason::UnknownKey));
    let beside =
        vec![nameless(SigningAlgorithm::Es256), SigningKey::generate(SigningAlgorithm::Es256).with_key_id("a")];
    assert_eq!(verdict(beside).await, Err(Reason::UnknownKey));
    let fetched =
        TestIssuer::builder().with_key(nameless(SigningAlgorithm::Es256)).with_clock(clock.clone()).start().await;
    let api = Api::fetching(fetched, clock.clone());
    api.show(&api.token().sign()).await.assert_passed();
    api.show(&api.token().header("kid", "any").sign()).await.assert_invalid_token(Reason::UnknownKey);
}
