//! Wycheproof's primitives: raw signatures, and the keys in the forms that the files have.

use claviger_core::Algorithm;
use claviger_core::Issuer;
use claviger_core::Verifier;
use claviger_core::vectors;
use serde_json::Value;

use crate::backends::verifies;
use crate::primitive_keys::jwk;
use crate::primitive_keys::octets;
use crate::primitive_keys::published_jwk;
use crate::source::Vectors;
use crate::source::list;
use crate::source::text;
use crate::tally::Tally;

#[test]
fn ecdsa_is_judged_as_labelled() {
    judge_labelled(&[
        ("ecdsa_secp256r1_sha256_p1363_test", Algorithm::Es256),
        ("ecdsa_secp384r1_sha384_p1363_test", Algorithm::Es384),
        ("ecdsa_secp521r1_sha512_p1363_test", Algorithm::Es512),
    ]);
}

#[test]
fn eddsa_is_judged_as_labelled() {
    judge_labelled(&[("ed25519_test", Algorithm::Ed25519), ("ed448_test", Algorithm::Ed448)]);
}

#[test]
fn rsa_pkcs1_is_judged_as_labelled() {
    judge_labelled(&[
        ("rsa_signature_2048_sha256_test", Algorithm::Rs256),
        ("rsa_signature_2048_sha384_test", Algorithm::Rs384),
        ("rsa_signature_2048_sha512_test", Algorithm::Rs512),
        ("rsa_signature_3072_sha256_test", Algorithm::Rs256),
        ("rsa_signature_4096_sha256_test", Algorithm::Rs256),
        ("rsa_signature_4096_sha512_test", Algorithm::Rs512),
    ]);
}

#[test]
fn rsa_pss_with_a_salt_as_long_as_the_hash_is_judged_as_labelled() {
    judge_labelled(&[
        ("rsa_pss_2048_sha256_mgf1_32_test", Algorithm::Ps256),
        ("rsa_pss_2048_sha384_mgf1_48_test", Algorithm::Ps384),
    ]);
}

/// RFC 7518, section 3.5.
#[test]
fn rsa_pss_with_another_salt_or_mask_is_refused() {
    let Some(vectors) = Vectors::open() else { return };
    let no_salt = "rsa_pss_2048_sha256_mgf1_0_test";
    // The one case whose salt has the length that JOSE demands.
    assert_eq!(judge(&vectors, no_salt, Algorithm::Ps256, |case| case["tcId"] == 69), 1);
    let sha1_mask = "rsa_pss_2048_sha256_mgf1sha1_20_test";
    assert_eq!(judge(&vectors, sha1_mask, Algorithm::Ps256, |_| false), 0);
    let short_salt = "rsa_pss_4096_sha512_mgf1_32_test";
    assert_eq!(judge(&vectors, short_salt, Algorithm::Ps512, |_| false), 0);
}

#[test]
fn every_key_is_the_same_in_each_of_its_forms() {
    let Some(vectors) = Vectors::open() else { return };
    let (mut pems, mut jwks) = (0, 0);
    for document in vectors.documents("wycheproof/primitives") {
        for group in list(&document.json()["testGroups"]) {
            let thumbprint = vectors::thumbprint(&jwk(group).to_string()).unwrap();
            let issuer = Issuer::new("https://issuer.example.com", "https://api.example.com");
            let guarded = Verifier::builder(issuer.with_pem(text(&group["publicKeyPem"]))).build();
            assert!(guarded.is_ok(), "{}: {}", document.path, group["publicKeyPem"]);
            pems += 1;
            if let Some(published) = published_jwk(group) {
                assert_eq!(vectors::thumbprint(&published.to_string()), Some(thumbprint), "{}", document.path);
                jwks += 1;
            }
        }
    }
    assert_eq!((pems, jwks), (431, 401));
}

fn judge_labelled(files: &[(&str, Algorithm)]) {
    let Some(vectors) = Vectors::open() else { return };
    for (file, algorithm) in files {
        // `acceptable` is what no standard asks for, so it is not accepted.
        let accepted = judge(&vectors, file, *algorithm, |case| case["result"] == "valid");
        assert!(accepted > 0, "{file}");
    }
}

/// The number of signatures that were accepted.
fn judge(vectors: &Vectors, name: &str, algorithm: Algorithm, expected: impl Fn(&Value) -> bool) -> u64 {
    let file = vectors.json(&format!("wycheproof/primitives/{name}.json"));
    let mut tally = Tally::new(name);
    for group in list(&file["testGroups"]) {
        let jwk = jwk(group);
        for case in list(&group["tests"]) {
            let accepted = verifies(&jwk, algorithm, &octets(&case["msg"]), &octets(&case["sig"]));
            tally.record(case["tcId"].as_u64().unwrap(), expected(case), accepted);
        }
    }
    tally.settle(file["numberOfTests"].as_u64().unwrap())
}
