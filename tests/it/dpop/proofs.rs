//! The checks of a proof (RFC 9449, section 4.3), each with what it refuses and what it does not.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use base64::engine::general_purpose::URL_SAFE;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use claviger::Algorithm;
use claviger::error::Reason;
use claviger_testing::DpopClient;
use claviger_testing::ProofBuilder;
use claviger_testing::SigningAlgorithm;
use claviger_testing::SigningKey;
use http::Method;
use serde_json::Value;
use serde_json::json;

use crate::dpop::Bound;
use crate::dpop::URL;
use crate::dpop::bound_token;
use crate::dpop::request;
use crate::support::Api;
use crate::support::NOW;

type Change = fn(ProofBuilder) -> ProofBuilder;

#[tokio::test]
async fn a_right_proof_passes_with_each_algorithm_of_the_list() {
    for (algorithm, name) in [
        (SigningAlgorithm::Es256, "ES256"),
        (SigningAlgorithm::Es384, "ES384"),
        (SigningAlgorithm::Ed25519, "EdDSA"),
        (SigningAlgorithm::Ed25519, "Ed25519"),
        (SigningAlgorithm::Rs256, "RS256"),
        (SigningAlgorithm::Ps256, "PS256"),
    ] {
        let client = DpopClient::with_key(SigningKey::generate(algorithm));
        let bound = Bound::with_client(Bound::new().api, client);
        bound.show(&bound.proof().header("alg", name).sign()).await.assert_passed();
    }
}

#[tokio::test]
async fn an_algorithm_that_is_not_listed_is_refused() {
    for algorithm in [
        SigningAlgorithm::Es512,
        SigningAlgorithm::Es256k,
        SigningAlgorithm::Ed448,
        SigningAlgorithm::Rs384,
        SigningAlgorithm::Ps512,
    ] {
        let client = DpopClient::with_key(SigningKey::generate(algorithm));
        let bound = Bound::with_client(Bound::new().api, client);
        bound.get().await.assert_invalid_proof(Reason::ProofMalformed);
    }
    let narrow = Bound::with(|dpop| dpop.with_algorithms([Algorithm::Es384]));
    narrow.get().await.assert_invalid_proof(Reason::ProofMalformed);
    let key = SigningKey::generate(SigningAlgorithm::Es384);
    Bound::with_client(narrow.api, DpopClient::with_key(key)).get().await.assert_passed();
}

#[tokio::test]
async fn what_clients_may_vary_passes() {
    let bound = Bound::new();
    let right: [Change; 16] = [
        |proof| proof.header("typ", "DPOP+JWT"),
        |proof| proof.header("typ", "application/dpop+jwt"),
        |proof| proof.header("typ", "Application/Dpop+Jwt"),
        |proof| proof.header("kid", 7),
        |proof| proof.jwk_member("use", "sig"),
        |proof| proof.jwk_member("key_ops", json!(["verify"])),
        |proof| proof.jwk_member("alg", "ES256"),
        |proof| proof.jwk_member("kid", "k").jwk_member("ext", true),
        |proof| proof.claim("exp", 1).claim("nbf", u64::MAX).claim("nonce", 7),
        |proof| proof.claim("jti", "x"),
        |proof| proof.claim("jti", "ä".repeat(128)),
        |proof| proof.claim("iat", NOW as f64 + 0.5),
        |proof| proof.claim("htu", "HTTPS://API.example.com:443/?a=b#c"),
        |proof| proof.claim("htu", "https://api.example.com"),
        |proof| proof.claim("htu", "https://api.example.com/x/../"),
        |proof| proof.without("nonce"),
    ];
    for (at, change) in right.into_iter().enumerate() {
        let answer = bound.show(&change(bound.proof()).sign()).await;
        assert_eq!(answer.status, 200, "{at}: {answer:?}");
    }
}

#[tokio::test]
async fn what_is_malformed_is_refused() {
    let bound = Bound::new();
    let wrong: [Change; 41] = [
        |proof| proof.header("typ", "JWT"),
        |proof| proof.header("typ", "at+jwt"),
        |proof| proof.header("typ", "dpop+jwt2"),
        |proof| proof.header("typ", Value::Null),
        |proof| proof.without_header("typ"),
        |proof| proof.header("alg", "none").with_signature([]),
        |proof| proof.header("alg", "HS256"),
        |proof| proof.header("alg", "es256"),
        |proof| proof.header("alg", json!(["ES256"])),
        |proof| proof.without_header("alg"),
        |proof| proof.header("crit", json!(["exp"])),
        |proof| proof.header("b64", false),
        |proof| proof.without_header("jwk"),
        |proof| proof.header("jwk", Value::Null),
        |proof| proof.header("jwk", "key"),
        |proof| proof.header("jwk", json!([])),
        |proof| proof.header("jwk", json!({"kty": "oct", "k": "AAAA"})),
        |proof| proof.jwk_member("kty", "RSA"),
        |proof| proof.jwk_member("kty", Value::Null),
        |proof| proof.jwk_member("crv", "P-384"),
        |proof| proof.without_jwk_member("crv"),
        |proof| proof.without_jwk_member("y"),
        |proof| proof.jwk_member("y", "AA"),
        |proof| proof.jwk_member("x5c", json!(["AA"])).jwk_member("d", Value::Null),
        |proof| proof.jwk_member("key_ops", json!([])),
        |proof| proof.jwk_member("use", "enc"),
        |proof| proof.jwk_member("key_ops", json!(["sign"])),
        |proof| proof.jwk_member("alg", "ES384"),
        |proof| proof.without("jti"),
        |proof| proof.claim("jti", ""),
        |proof| proof.claim("jti", 7),
        |proof| proof.claim("jti", Value::Null),
        |proof| proof.claim("jti", "x".repeat(257)),
        |proof| proof.without("htm"),
        |proof| proof.claim("htm", json!(["GET"])),
        |proof| proof.without("htu"),
        |proof| proof.claim("htu", 7),
        |proof| proof.without("iat"),
        |proof| proof.claim("iat", "1750000000"),
        |proof| proof.claim("iat", Value::Null),
        |proof| proof.without("ath"),
    ];
    for (at, change) in wrong.into_iter().enumerate() {
        let answer = bound.show(&change(bound.proof()).sign()).await;
        assert_eq!(answer.reason, Some(Reason::ProofMalformed), "{at}: {answer:?}");
        answer.assert_invalid_proof(Reason::ProofMalformed);
    }
}

/// RFC 9449, section 4.3, check 7: whatever its type is.
#[tokio::test]
async fn a_key_with_private_members_is_refused() {
    let bound = Bound::new();
    for name in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
        let answer = bound.show(&bound.proof().jwk_member(name, "AA").sign()).await;
        assert_eq!(answer.reason, Some(Reason::ProofMalformed), "{name}");
        answer.assert_invalid_proof(Reason::ProofMalformed);
    }
}

#[tokio::test]
async fn what_is_no_strict_json_or_no_jws_is_refused() {
    let bound = Bound::new();
    let jwk = bound.client.jwk();
    let deep = format!("{}1{}", "[".repeat(32), "]".repeat(32));
    for header in [
        format!(r#"{{"typ":"dpop+jwt","alg":"ES256","jwk":{jwk},"typ":"dpop+jwt"}}"#),
        format!(r#"{{"typ":"dpop+jwt","alg":"ES256","jwk":{jwk},"\u0061lg":"ES256"}}"#),
        format!(r#"{{"typ":"dpop+jwt","alg":"ES256","jwk":{jwk},"x":{deep}}}"#),
        format!(r#"[{{"typ":"dpop+jwt","alg":"ES256","jwk":{jwk}}}]"#),
        format!("\u{feff}{{\"typ\":\"dpop+jwt\",\"alg\":\"ES256\",\"jwk\":{jwk}}}"),
        jwk.to_string().replacen('{', r#"{"typ":"dpop+jwt","alg":"ES256","jwk":{"kty":"EC","kty":"EC"},"#, 1),
    ] {
        bound.show(&bound.proof().raw_header(header).sign()).await.assert_invalid_proof(Reason::ProofMalformed);
    }
    for payload in ["", "null", "[]", "{", r#"{"jti":"a","jti":"a"}"#, "{\"jti\":\"\u{0}\"}"] {
        bound.show(&bound.proof().raw_payload(payload).sign()).await.assert_invalid_proof(Reason::ProofMalformed);
    }
    let proof = bound.proof().sign();
    let [header, payload, signature] = proof.split('.').collect::<Vec<_>>().try_into().unwrap();
    for text in [
        String::new(),
        "junk".to_owned(),
        format!("{header}.{payload}"),
        format!("{proof}.{signature}"),
        format!("{proof}="),
        format!("{proof},{}", bound.proof().sign()),
        format!("{proof} {proof}"),
        format!("{header}.{payload}.{}", URL_SAFE.encode(URL_SAFE_NO_PAD.decode(signature).unwrap())),
        format!("{header}.{payload}.{}", STANDARD.encode(URL_SAFE_NO_PAD.decode(signature).unwrap())),
        format!("DPoP {proof}"),
        proof.to_lowercase(),
        proof.to_uppercase(),
        format!("\"{proof}\""),
        format!(r#"{{"payload":"{payload}","protected":"{header}","signature":"{signature}"}}"#),
    ] {
        bound.show(&text).await.assert_invalid_proof(Reason::ProofMalformed);
    }
}

#[tokio::test]
async fn more_than_eight_kibibytes_are_not_read() {
    let bound = Bound::new();
    // Three bytes of a claim are four characters; a header of another length brings the lengths between.
    let sized = |filling: usize, kid: usize| {
        bound.proof().claim("x", "x".repeat(filling)).header("kid", "k".repeat(kid)).sign()
    };
    let of_length = |length: usize| {
        let proofs = (5500..5800).flat_map(|filling| (0..3).map(move |kid| (filling, kid)));
        proofs.map(|(filling, kid)| sized(filling, kid)).find(|proof| proof.len() == length).unwrap()
    };
    bound.show(&of_length(8192)).await.assert_passed();
    bound.show(&of_length(8193)).await.assert_invalid_proof(Reason::ProofMalformed);
    bound.show(&sized(20 * 1024, 0)).await.assert_invalid_proof(Reason::ProofMalformed);
}

/// RFC 9449, section 4.3, check 1.
#[tokio::test]
async fn one_field_is_taken_and_neither_none_nor_two() {
    let bound = Bound::new();
    let proof = bound.proof().sign();
    let other = bound.proof().sign();
    for proofs in [&[proof.as_str(), &proof][..], &[&proof, &other], &[&proof, ""]] {
        let answer = bound.api.send(request("DPoP", &bound.token, proofs)).await;
        answer.assert_invalid_proof(Reason::ProofMalformed);
    }
    bound.api.send(request("DPoP", &bound.token, &[])).await.assert_invalid_proof(Reason::ProofMissing);
    for token in ["junk", &bound.api.token().sign(), &bound.api.token().claim("exp", 1).sign()] {
        bound.api.send(request("DPoP", token, &[])).await.assert_invalid_proof(Reason::ProofMissing);
    }
}

#[tokio::test]
async fn a_proof_of_another_request_token_or_signer_is_refused() {
    let bound = Bound::new();
    let wrong: [Change; 18] = [
        |proof| proof.claim("htm", "POST"),
        |proof| proof.claim("htm", "get"),
        |proof| proof.claim("htm", "HEAD"),
        |proof| proof.claim("htm", ""),
        |proof| proof.claim("htu", "https://api.example.com/other"),
        |proof| proof.claim("htu", "https://other.example.com/"),
        |proof| proof.claim("htu", "http://api.example.com/"),
        |proof| proof.claim("htu", "https://api.example.com:8443/"),
        |proof| proof.claim("htu", " https://api.example.com/"),
        |proof| proof.claim("htu", "https:\\\\api.example.com\\"),
        |proof| proof.claim("htu", "https://api.exam\tple.com/"),
        |proof| proof.claim("htu", "https://user@api.example.com/"),
        |proof| proof.claim("htu", "/"),
        |proof| proof.token("another"),
        |proof| proof.claim("ath", ""),
        |proof| proof.claim("ath", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
        |proof| proof.signed_by(&SigningKey::generate(SigningAlgorithm::Es256)),
        |proof| proof.with_signature([0; 64]),
    ];
    for (at, change) in wrong.into_iter().enumerate() {
        let answer = bound.show(&change(bound.proof()).sign()).await;
        assert_eq!(answer.reason, Some(Reason::ProofMismatch), "{at}: {answer:?}");
        answer.assert_invalid_proof(Reason::ProofMismatch);
    }
    let padded = URL_SAFE.encode(openssl::sha::sha256(bound.token.as_bytes()));
    bound.show(&bound.proof().claim("ath", padded).sign()).await.assert_invalid_proof(Reason::ProofMismatch);
    // The hash is over what was sent, not over what it means.
    let payload = bound.token.split('.').nth(1).unwrap();
    bound.show(&bound.proof().token(payload).sign()).await.assert_invalid_proof(Reason::ProofMismatch);
}

#[tokio::test]
async fn the_time_of_a_proof_has_both_edges() {
    for (seconds, reason) in [
        (-300, None),
        (-301, Some(Reason::ProofExpired)),
        (30, None),
        (31, Some(Reason::ProofExpired)),
        (-1_000_000, Some(Reason::ProofExpired)),
    ] {
        let bound = Bound::new();
        assert_eq!(bound.show(&bound.proof().issued(seconds).sign()).await.reason, reason, "{seconds}");
    }
    let bound = Bound::new();
    for iat in [json!(NOW as f64 - 300.5), json!(NOW as f64 + 30.5), json!(-1), json!(1e300), json!(-1e300), json!(0)] {
        bound.show(&bound.proof().claim("iat", iat).sign()).await.assert_invalid_proof(Reason::ProofExpired);
    }
    let short = Bound::with(|dpop| {
        dpop.with_proof_max_age(std::time::Duration::from_secs(60)).with_proof_leeway(std::time::Duration::ZERO)
    });
    for (seconds, reason) in [(-60, None), (-61, Some(Reason::ProofExpired)), (1, Some(Reason::ProofExpired))] {
        assert_eq!(short.show(&short.proof().issued(seconds).sign()).await.reason, reason, "{seconds}");
    }
}

/// RFC 9449, section 7.1, figure 16.
/// Attack J9: that a token was believed says nothing of who presents it next.
#[tokio::test]
async fn a_token_that_was_seen_before_is_still_for_who_holds_its_key() {
    let bound = Bound::new();
    for _ in 0..2 {
        bound.get().await.assert_passed();
    }
    let thief = DpopClient::new().with_clock(bound.api.clock.clone());
    let proof = thief.proof(&Method::GET, URL, &bound.token).sign();
    let told = [("DPoP", Some("invalid_token")), ("Bearer", None)];
    bound.show(&proof).await.assert_challenged(401, Reason::BindingMismatch, &told);
    let answer = bound.api.send(request("Bearer", &bound.token, &[])).await;
    answer.assert_challenged(401, Reason::BindingMismatch, &[("Bearer", Some("invalid_token")), ("DPoP", None)]);
    bound.get().await.assert_passed();
}

#[tokio::test]
async fn the_key_of_another_is_an_invalid_token() {
    let bound = Bound::new();
    let thief = DpopClient::new().with_clock(bound.api.clock.clone());
    let told = [("DPoP", Some("invalid_token")), ("Bearer", None)];
    let proof = thief.proof(&Method::GET, URL, &bound.token).sign();
    bound.show(&proof).await.assert_challenged(401, Reason::BindingMismatch, &told);
    for jkt in [bound.client.thumbprint() + "=", bound.client.thumbprint().to_lowercase(), String::new()] {
        let token = bound.api.token().claim("cnf", json!({ "jkt": jkt })).sign();
        let proof = bound.client.proof(&Method::GET, URL, &token).sign();
        let answer = bound.api.send(request("DPoP", &token, &[&proof])).await;
        answer.assert_challenged(401, Reason::BindingMismatch, &told);
    }
}

/// Whoever has stolen a token could choose a key that is dear to verify with.
#[tokio::test]
async fn the_thumbprint_is_compared_before_the_signature() {
    let bound = Bound::new();
    let thief = DpopClient::new().with_clock(bound.api.clock.clone());
    let unsigned = thief.proof(&Method::GET, URL, &bound.token).with_signature([0; 64]).sign();
    let told = [("DPoP", Some("invalid_token")), ("Bearer", None)];
    bound.show(&unsigned).await.assert_challenged(401, Reason::BindingMismatch, &told);
    // What is cheaper is told first.
    let for_another = thief.proof(&Method::POST, URL, &bound.token).sign();
    bound.show(&for_another).await.assert_invalid_proof(Reason::ProofMismatch);
}

#[tokio::test]
async fn an_rsa_exponent_has_at_most_33_bits() {
    let client = DpopClient::with_key(SigningKey::generate(SigningAlgorithm::Rs256));
    let bound = Bound::with_client(Bound::new().api, client);
    bound.get().await.assert_passed();
    let dear = URL_SAFE_NO_PAD.encode([0xff; 256]);
    for exponent in ["AgAAAAE", &dear] {
        let answer = bound.show(&bound.proof().jwk_member("e", exponent).sign()).await;
        answer.assert_invalid_proof(Reason::ProofMalformed);
    }
}

#[tokio::test]
async fn weak_and_unsound_keys_are_refused() {
    let api = Bound::new().api;
    let weak = DpopClient::with_key(SigningKey::generate_rsa(SigningAlgorithm::Rs256, 1024));
    Bound::with_client(api, weak).get().await.assert_invalid_proof(Reason::ProofMalformed);

    let api = Bound::new().api;
    let bound = Bound::with_client(api, DpopClient::with_key(SigningKey::generate(SigningAlgorithm::Ed25519)));
    // A point of small order, under which signatures verify that nobody made (RFC 8032, section 5.1.7).
    let identity = URL_SAFE_NO_PAD.encode([&[1][..], &[0; 31]].concat());
    let forged = bound.proof().jwk_member("x", identity.as_str()).with_signature([&[1][..], &[0; 63]].concat());
    let token = bound_token(&bound.api, &bound.client);
    let answer = bound.api.send(request("DPoP", &token, &[&forged.sign()])).await;
    answer.assert_invalid_proof(Reason::ProofMalformed);

    let curve = Bound::new();
    let x = curve.client.jwk()["x"].clone();
    curve.show(&curve.proof().jwk_member("y", x).sign()).await.assert_invalid_proof(Reason::ProofMalformed);
}

#[tokio::test]
async fn each_key_has_one_form_alone() {
    let bound = Bound::new();
    let x = bound.client.jwk()["x"].as_str().unwrap().to_owned();
    let octets = URL_SAFE_NO_PAD.decode(&x).unwrap();
    let zero = URL_SAFE_NO_PAD.encode([&[0][..], &octets].concat());
    for form in [format!("{x}="), zero, format!("{x}A")] {
        bound.show(&bound.proof().jwk_member("x", form).sign()).await.assert_invalid_proof(Reason::ProofMalformed);
    }
    let api: Api = Bound::new().api;
    let rsa = Bound::with_client(api, DpopClient::with_key(SigningKey::generate(SigningAlgorithm::Rs256)));
    let n = URL_SAFE_NO_PAD.decode(rsa.client.jwk()["n"].as_str().unwrap()).unwrap();
    let zero = URL_SAFE_NO_PAD.encode([&[0][..], &n].concat());
    rsa.show(&rsa.proof().jwk_member("n", zero).sign()).await.assert_invalid_proof(Reason::ProofMalformed);
    rsa.get().await.assert_passed();
}
