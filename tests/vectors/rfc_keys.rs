//! The keys of RFC 7638, 8037, 8705 and 9449: thumbprints, and types that are passed over.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use claviger_core::ClientCertificate;
use claviger_core::Issuer;
use claviger_core::Verifier;
use claviger_core::vectors;
use serde_json::json;

use crate::source::Vectors;
use crate::source::list;
use crate::source::text;

#[test]
fn thumbprints_match_exactly() {
    let Some(vectors) = Vectors::open() else { return };
    let mut matched = 0;
    for file in ["rfc/thumbprints.json", "rfc/rfc8037_eddsa.json"] {
        let file = vectors.json(file);
        for case in list(&file["tests"]).iter().filter(|case| case.get("jkt_sha256").is_some()) {
            let thumbprint = vectors::thumbprint(&case["key"].to_string());
            assert_eq!(thumbprint.as_deref(), case["jkt_sha256"].as_str(), "{}", case["id"]);
            matched += 1;
        }
    }
    let dpop = vectors.json("rfc/rfc9449_dpop.json");
    assert_eq!(vectors::thumbprint(&dpop["public_key"].to_string()).as_deref(), dpop["jkt"].as_str());
    assert_eq!(matched, 4);
}

#[test]
fn keys_for_key_agreement_are_passed_over() {
    let Some(vectors) = Vectors::open() else { return };
    let file = vectors.json("rfc/rfc8037_eddsa.json");
    let cases = list(&file["tests"]);
    let for_agreement: Vec<_> =
        cases.iter().filter(|case| case["kind"] == "jwk-parse").map(|case| case["key"].clone()).collect();
    assert_eq!(for_agreement.len(), 2);
    assert!(vectors::usable_keys(&json!({ "keys": for_agreement }).to_string()).is_err());

    let mut set = for_agreement;
    set.push(cases[0]["key"].clone());
    assert_eq!(vectors::usable_keys(&json!({ "keys": set }).to_string()), Ok(1));
}

#[test]
fn the_thumbprint_of_the_certificate_of_rfc_8705_matches() {
    let Some(vectors) = Vectors::open() else { return };
    let file = vectors.json("rfc/rfc8705_thumbprint.json");
    let der = STANDARD.decode(text(&file["certificate_der_base64"])).unwrap();
    assert_eq!(ClientCertificate::from_der(&der).thumbprint(), text(&file["x5t#S256"]));
}

#[test]
fn the_certificate_of_rfc_8705_holds_a_usable_key() {
    let Some(vectors) = Vectors::open() else { return };
    let file = vectors.json("rfc/rfc8705_thumbprint.json");
    let der = text(&file["certificate_der_base64"]);
    let pem = format!("-----BEGIN CERTIFICATE-----\n{der}\n-----END CERTIFICATE-----\n");
    let issuer = Issuer::new("https://issuer.example.com", "https://api.example.com").with_pem(pem);
    assert!(Verifier::builder(issuer).build().is_ok());
}
