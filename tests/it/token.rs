//! Section 2 of the contract, steps 1 and 2: shape and header.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use claviger::Algorithm;
use claviger::Profile;
use claviger::error::Reason;
use claviger_testing::SigningAlgorithm;
use claviger_testing::SigningKey;
use serde_json::Value;
use serde_json::json;

use crate::support::Api;
use crate::support::Rules;

#[tokio::test]
async fn a_right_token_passes() {
    let api = Api::new();
    api.show(&api.token().sign()).await.assert_passed();
}

#[tokio::test]
async fn exactly_three_parts_make_a_token() {
    let api = Api::new();
    let token = api.token().sign();
    let parts: Vec<_> = token.split('.').collect();
    let (header, payload, signature) = (parts[0], parts[1], parts[2]);
    for malformed in [
        header.to_owned(),
        format!("{header}.{payload}"),
        format!("{header}.{payload}."),
        format!(".{payload}.{signature}"),
        format!("{header}..{signature}"),
        format!("{token}."),
        format!(".{token}"),
        format!("{token}.{signature}.{signature}"),
    ] {
        let reason = if malformed.ends_with('.') && malformed.matches('.').count() == 2 {
            Reason::BadSignature
        } else {
            Reason::MalformedToken
        };
        api.show(&malformed).await.assert_invalid_token(reason);
    }
}

#[tokio::test]
async fn base64url_has_no_padding_and_no_loose_bits() {
    let api = Api::new();
    let token = api.token().sign();
    api.show(&format!("{token}=")).await.assert_invalid_token(Reason::MalformedToken);
    // In the middle, `=` is not even token68.
    api.show(&token.replacen('.', "=.", 1)).await.assert_invalid_request();
    // 64 octets of ES256 leave four bits over in the last character, which must be zero.
    let (last, rest) = (token.chars().last().unwrap(), &token[..token.len() - 1]);
    let loose = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".chars().collect::<Vec<_>>();
    let at = loose.iter().position(|character| *character == last).unwrap();
    api.show(&format!("{rest}{}", loose[at + 1])).await.assert_invalid_token(Reason::MalformedToken);
    let standard = token.replace(['-', '_'], "+");
    if standard != token {
        api.show(&standard).await.assert_invalid_token(Reason::MalformedToken);
    }
}

#[tokio::test]
async fn header_and_payload_are_strict_json_objects() {
    let api = Api::new();
    let deep = |levels: usize| {
        let claims = json!({
            "iss": api.issuer.url(), "aud": "https://api.example.com", "sub": "s", "client_id": "c",
            "iat": 1_750_000_000, "exp": 1_750_000_300, "jti": "j",
        });
        let nested = format!("{}1{}", "{\"a\":".repeat(levels - 1), "}".repeat(levels - 1));
        claims.to_string().replacen('{', &format!("{{\"deep\":{nested},"), 1)
    };
    api.show(&api.token().raw_payload(deep(32)).sign()).await.assert_passed();
    let payloads: [&[u8]; 8] = [
        b"[]",
        b"\"text\"",
        b"null",
        b"",
        b"{\"iss\":\"\xff\"}",
        b"{\"iss\":1,\"iss\":1}",
        b"{\"a\":{\"b\":1,\"\\u0062\":2}}",
        b"{} {}",
    ];
    for payload in payloads {
        api.show(&api.token().raw_payload(payload).sign()).await.assert_invalid_token(Reason::MalformedToken);
    }
    api.show(&api.token().raw_payload(deep(33)).sign()).await.assert_invalid_token(Reason::MalformedToken);
    let headers: [&[u8]; 5] = [
        b"[]",
        b"{\"alg\":\"ES256\",\"alg\":\"ES256\"}",
        b"{}",
        b"\xff",
        b"{\"alg\":\"ES256\",\"kid\":{\"a\":1,\"a\":1}}",
    ];
    for header in headers {
        api.show(&api.token().raw_header(header).sign()).await.assert_invalid_token(Reason::MalformedToken);
    }
}

#[tokio::test]
async fn an_encrypted_token_is_refused_and_nothing_is_decrypted() {
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let jwe = format!(
        "{}.{}.{}.{}.{}",
        part(r#"{"alg":"RSA-OAEP","enc":"A256GCM"}"#),
        part("k"),
        part("i"),
        part("c"),
        part("t")
    );
    Api::new().show(&jwe).await.assert_invalid_token(Reason::MalformedToken);
}

#[tokio::test]
async fn the_algorithm_is_one_of_the_list() {
    let api = Api::new();
    for name in ["none", "None", "NONE", "nOnE", "HS256", "HS512", "es256", "ES256 ", "RS1", "ESP256", ""] {
        let unsigned = api.token().header("alg", name).with_signature([]).sign();
        api.show(&unsigned).await.assert_invalid_token(Reason::UnsupportedAlgorithm);
    }
    for algorithm in
        [SigningAlgorithm::Es384, SigningAlgorithm::Es512, SigningAlgorithm::Es256k, SigningAlgorithm::Ed448]
    {
        let key = SigningKey::generate(algorithm);
        let token = api.token().signed_by(&key).header("alg", algorithm.specified_name()).sign();
        api.show(&token).await.assert_invalid_token(Reason::UnsupportedAlgorithm);
    }
    let narrow = Api::with_rules(|issuer| issuer.with_algorithms([Algorithm::Rs256]));
    narrow.show(&narrow.token().sign()).await.assert_invalid_token(Reason::UnsupportedAlgorithm);
}

#[tokio::test]
async fn a_public_key_is_no_secret_for_an_hmac() {
    let api = Api::new();
    for secret in [api.issuer.current_key().public_pem(), api.issuer.jwks()] {
        let forged = api.token().signed_by(&SigningKey::from_secret(secret.into_bytes())).sign();
        api.show(&forged).await.assert_invalid_token(Reason::UnsupportedAlgorithm);
    }
}

#[tokio::test]
async fn extensions_are_refused_and_keys_in_the_header_ignored() {
    let api = Api::new();
    for (name, value) in [("crit", json!(["b64"])), ("crit", json!([])), ("crit", json!(null)), ("b64", json!(false))] {
        api.show(&api.token().header(name, value).sign()).await.assert_invalid_token(Reason::MalformedToken);
    }
    let thief = SigningKey::generate(SigningAlgorithm::Es256).without_key_id();
    for (name, value) in [
        ("jwk", thief.public_jwk()),
        ("jku", json!("https://thief.example/jwks")),
        ("x5u", json!("https://thief.example/chain")),
        ("x5c", json!(["MIIB"])),
    ] {
        api.show(&api.token().header(name, value.clone()).sign()).await.assert_passed();
        let forged =
            api.token().signed_by(&thief).header("kid", api.issuer.current_key().key_id().unwrap()).header(name, value);
        api.show(&forged.sign()).await.assert_invalid_token(Reason::BadSignature);
    }
    for (name, value) in [("zip", json!("DEF")), ("enc", json!("A256GCM")), ("cty", json!("JWT")), ("x", json!({}))] {
        api.show(&api.token().header(name, value).sign()).await.assert_passed();
    }
}

#[tokio::test]
async fn members_of_the_header_have_their_type() {
    let api = Api::new();
    for name in ["kid", "typ", "alg"] {
        for value in [json!(1), json!(null), json!(["x"]), json!({"x": 1}), json!(true)] {
            let token = api.token().header(name, value).sign();
            api.show(&token).await.assert_invalid_token(Reason::MalformedToken);
        }
    }
}

#[tokio::test]
async fn the_type_is_what_the_profile_takes() {
    let profiles: [(Rules, [bool; 5]); 3] = [
        (|issuer| issuer, [true, true, false, false, false]),
        (|issuer| issuer.with_profile(Profile::Jwt), [true, true, true, true, false]),
        (|issuer| issuer.with_profile(Profile::Identity), [false, false, true, true, false]),
    ];
    for (rules, taken) in profiles {
        let api = Api::with_rules(rules);
        let types = [Some("at+jwt"), Some("application/AT+JWT"), Some("JWT"), None, Some("dpop+jwt")];
        for (typ, taken) in types.into_iter().zip(taken) {
            let token = match typ {
                Some(typ) => api.token().header("typ", typ).sign(),
                None => api.token().without_header("typ").sign(),
            };
            let answer = api.show(&token).await;
            if taken { answer.assert_passed() } else { answer.assert_invalid_token(Reason::WrongType) }
        }
    }
}

#[tokio::test]
async fn every_algorithm_that_is_listed_verifies() {
    for algorithm in SigningAlgorithm::ASYMMETRIC {
        let issuer = claviger_testing::TestIssuer::builder().with_key(SigningKey::generate(*algorithm)).in_memory();
        let rules = claviger::Issuer::new(issuer.url(), "https://api.example.com")
            .with_jwks(issuer.jwks())
            .with_algorithms(Algorithm::ALL.iter().copied());
        let verifier = claviger::Verifier::builder(rules).build().unwrap();
        let specified = issuer.token().header("alg", algorithm.specified_name()).sign();
        assert!(verifier.verify(&specified).await.is_ok(), "{algorithm}");
        let usual = verifier.verify(&issuer.token().sign()).await;
        // `EdDSA` names Ed25519 alone; Ed448 is spelled out.
        assert_eq!(usual.is_ok(), *algorithm != SigningAlgorithm::Ed448, "{algorithm}");
        let tampered = with_claim(&specified, "sub", json!("somebody-else"));
        assert_eq!(verifier.verify(&tampered).await.unwrap_err().reason(), Reason::BadSignature, "{algorithm}");
    }
}

/// The same token, its payload changed under the old signature.
fn with_claim(token: &str, name: &str, value: Value) -> String {
    let parts: Vec<_> = token.split('.').collect();
    let mut payload: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap();
    payload[name] = value;
    format!("{}.{}.{}", parts[0], URL_SAFE_NO_PAD.encode(payload.to_string()), parts[2])
}
