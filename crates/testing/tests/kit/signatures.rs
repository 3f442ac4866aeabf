//! Each algorithm signs what its own verifier accepts.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use claviger_testing::SigningAlgorithm;
use claviger_testing::SigningKey;
use claviger_testing::TestIssuer;
use josekit::JoseError;
use josekit::jwk::Jwk;
use josekit::jws;
use josekit::jws::JwsVerifier;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::rsa::Padding;
use openssl::sign::RsaPssSaltlen;
use openssl::sign::Verifier;
use serde_json::Value;

#[test]
fn every_algorithm_verifies_with_the_published_jwk() {
    for algorithm in SigningAlgorithm::ASYMMETRIC {
        let key = SigningKey::generate(*algorithm);
        let (message, signature) = signed(&key);
        let verifier = josekit_verifier(*algorithm, &key.public_jwk());

        verifier.verify(&message, &signature).unwrap();
        assert!(verifier.verify(b"something else", &signature).is_err(), "{algorithm}");
    }
}

#[test]
fn no_public_jwk_tells_the_private_key() {
    for algorithm in SigningAlgorithm::ASYMMETRIC {
        let key = SigningKey::generate(*algorithm);
        for member in ["d", "p", "q", "dp", "dq", "qi", "k"] {
            assert!(key.public_jwk().get(member).is_none(), "{algorithm} {member}");
        }
        assert!(key.private_jwk().get("d").is_some(), "{algorithm}");
    }
}

#[test]
fn the_pem_is_the_key_of_the_jwk() {
    for algorithm in SigningAlgorithm::ASYMMETRIC {
        let key = SigningKey::generate(*algorithm);
        let from_pem = PKey::public_key_from_pem(key.public_pem().as_bytes()).unwrap();
        let (message, signature) = signed(&key);
        let der = from_pem.public_key_to_der().unwrap();

        josekit_verifier_from_der(*algorithm, &der).verify(&message, &signature).unwrap();
    }
}

#[test]
fn a_secret_signs_hs256() {
    let secret = [7; 32];
    let (message, signature) = signed(&SigningKey::from_secret(secret));
    let verifier = jws::HS256.verifier_from_bytes(secret).unwrap();
    verifier.verify(&message, &signature).unwrap();
}

#[test]
fn weak_rsa_keys_sign_correctly() {
    let rs256 = SigningKey::generate_rsa(SigningAlgorithm::Rs256, 1024);
    let public = PKey::public_key_from_pem(rs256.public_pem().as_bytes()).unwrap();
    assert_eq!(public.bits(), 1024);

    for (key, padding) in
        [(rs256.clone(), Padding::PKCS1), (rs256.with_algorithm(SigningAlgorithm::Ps256), Padding::PKCS1_PSS)]
    {
        let (message, signature) = signed(&key);
        let mut verifier = Verifier::new(MessageDigest::sha256(), &public).unwrap();
        verifier.set_rsa_padding(padding).unwrap();
        if padding == Padding::PKCS1_PSS {
            verifier.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH).unwrap();
        }
        assert!(verifier.verify_oneshot(&signature, &message).unwrap(), "{}", key.algorithm());
    }
}

#[test]
fn a_shared_rsa_key_signs_for_both_families() {
    let rs256 = SigningKey::generate(SigningAlgorithm::Rs256);
    for algorithm in [SigningAlgorithm::Rs512, SigningAlgorithm::Ps384] {
        let key = rs256.with_algorithm(algorithm);
        let (message, signature) = signed(&key);
        assert_eq!(key.key_id(), rs256.key_id());
        josekit_verifier(algorithm, &key.public_jwk()).verify(&message, &signature).unwrap();
    }
}

#[test]
fn both_spellings_of_an_edwards_curve_reach_header_and_jwk() {
    for (algorithm, name) in [(SigningAlgorithm::Ed25519, "Ed25519"), (SigningAlgorithm::Ed448, "Ed448")] {
        let usual = SigningKey::generate(algorithm);
        let specified = usual.clone().with_algorithm_name(algorithm.specified_name());
        for (key, expected) in [(usual, "EdDSA"), (specified, name)] {
            let issuer = TestIssuer::builder().with_key(key.clone()).in_memory();
            let token = issuer.token().sign();
            let header = URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap();
            let header: Value = serde_json::from_slice(&header).unwrap();
            assert_eq!(header["alg"], expected);
            assert_eq!(key.public_jwk()["alg"], expected);
            assert_eq!(key.public_jwk()["crv"], name);
        }
    }
}

/// What a token of `key` signs, and the signature, taken from the token itself.
fn signed(key: &SigningKey) -> (Vec<u8>, Vec<u8>) {
    let issuer = TestIssuer::builder().with_key(key.clone()).in_memory();
    let token = issuer.token().sign();
    let (message, signature) = token.rsplit_once('.').unwrap();
    (message.as_bytes().to_vec(), URL_SAFE_NO_PAD.decode(signature).unwrap())
}

fn josekit_verifier(algorithm: SigningAlgorithm, jwk: &Value) -> Box<dyn JwsVerifier> {
    let jwk = Jwk::from_map(jwk.as_object().unwrap().clone()).unwrap();
    match algorithm.name() {
        "EdDSA" => boxed(jws::EdDSA.verifier_from_jwk(&jwk)),
        "ES256" => boxed(jws::ES256.verifier_from_jwk(&jwk)),
        "ES256K" => boxed(jws::ES256K.verifier_from_jwk(&jwk)),
        "ES384" => boxed(jws::ES384.verifier_from_jwk(&jwk)),
        "ES512" => boxed(jws::ES512.verifier_from_jwk(&jwk)),
        "PS256" => boxed(jws::PS256.verifier_from_jwk(&jwk)),
        "PS384" => boxed(jws::PS384.verifier_from_jwk(&jwk)),
        "PS512" => boxed(jws::PS512.verifier_from_jwk(&jwk)),
        "RS256" => boxed(jws::RS256.verifier_from_jwk(&jwk)),
        "RS384" => boxed(jws::RS384.verifier_from_jwk(&jwk)),
        "RS512" => boxed(jws::RS512.verifier_from_jwk(&jwk)),
        name => panic!("no verifier for {name}"),
    }
}

fn josekit_verifier_from_der(algorithm: SigningAlgorithm, der: &[u8]) -> Box<dyn JwsVerifier> {
    match algorithm.name() {
        "EdDSA" => boxed(jws::EdDSA.verifier_from_der(der)),
        "ES256" => boxed(jws::ES256.verifier_from_der(der)),
        "ES256K" => boxed(jws::ES256K.verifier_from_der(der)),
        "ES384" => boxed(jws::ES384.verifier_from_der(der)),
        "ES512" => boxed(jws::ES512.verifier_from_der(der)),
        "PS256" => boxed(jws::PS256.verifier_from_der(der)),
        "PS384" => boxed(jws::PS384.verifier_from_der(der)),
        "PS512" => boxed(jws::PS512.verifier_from_der(der)),
        "RS256" => boxed(jws::RS256.verifier_from_der(der)),
        "RS384" => boxed(jws::RS384.verifier_from_der(der)),
        "RS512" => boxed(jws::RS512.verifier_from_der(der)),
        name => panic!("no verifier for {name}"),
    }
}

fn boxed(verifier: Result<impl JwsVerifier + 'static, JoseError>) -> Box<dyn JwsVerifier> {
    Box::new(verifier.unwrap())
}
