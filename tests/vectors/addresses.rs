//! Where metadata is found, and whose it must be (RFC 8414, section 3; RFC 9728, section 3.1).

use claviger::AuthConfig;
use claviger::AuthLayer;
use claviger_core::Issuer;
use claviger_core::Verifier;
use claviger_core::vectors;
use http::HeaderMap;
use serde_json::json;

use crate::publication::Publication;
use crate::source::Vectors;
use crate::source::list;
use crate::source::text;

#[test]
fn metadata_is_looked_for_where_the_standards_put_it() {
    let Some(vectors) = Vectors::open() else { return };
    let file = vectors.json("rfc/metadata_urls.json");
    let mut matched = 0;
    for case in list(&file["tests"]) {
        let [openid, oauth] = vectors::metadata_urls(text(&case["identifier"])).unwrap();
        let found = match text(&case["rule"]) {
            "oidc" => openid,
            "rfc8414" => oauth,
            // An alias that is not asked for, and what a resource publishes of itself.
            "rfc8414-openid-suffix" | RESOURCE => continue,
            other => panic!("no rule: {other}"),
        };
        assert_eq!(found, text(&case["metadata_url"]));
        matched += 1;
    }
    assert_eq!(matched, 7);
}

#[test]
fn a_resource_publishes_its_metadata_where_the_standard_puts_it() {
    let Some(vectors) = Vectors::open() else { return };
    let file = vectors.json("rfc/metadata_urls.json");
    let (mut published, mut refused) = (0, 0);
    for case in list(&file["tests"]).iter().filter(|case| case["rule"] == RESOURCE) {
        let issuer = Issuer::new("https://issuer.example.com", "https://api.example.com");
        let resource = text(&case["identifier"]);
        match AuthConfig::builder(issuer).with_resource(resource).build() {
            Ok(cfg) => {
                let auth = AuthLayer::new(cfg);
                assert_eq!(auth.resource_metadata().unwrap().url(), text(&case["metadata_url"]));
                published += 1;
            }
            Err(_) => {
                assert!(resource.contains('?'), "{resource}");
                refused += 1;
            }
        }
    }
    assert_eq!((published, refused), (4, 1));
}

#[tokio::test]
async fn metadata_must_be_of_exactly_the_issuer_that_is_configured() {
    let Some(vectors) = Vectors::open() else { return };
    let file = vectors.json("rfc/metadata_urls.json");
    let mut judged = 0;
    for case in list(&file["issuer_match"]) {
        let requested = text(&case["requested"]);
        let jwks_uri = "https://keys.example.com/jwks";
        let publication = Publication::default();
        let [openid, _] = vectors::metadata_urls(requested).unwrap();
        let metadata = json!({ "issuer": case["returned"], "jwks_uri": jwks_uri });
        publication.put(&openid, metadata.to_string(), HeaderMap::new());
        publication.put(jwks_uri, vectors.text("jwks/google.json"), HeaderMap::new());

        let issuer = Issuer::new(requested, "https://api.example.com");
        let verifier = Verifier::builder(issuer).with_fetch(publication.clone()).build().unwrap();
        assert_eq!(verifier.refresh_now().await.is_ok(), case["use"] == true, "{case}");
        assert_eq!(publication.fetches(jwks_uri), usize::from(case["use"] == true), "{case}");
        judged += 1;
    }
    assert_eq!(judged, 5);
}

/// The rule of those cases that are about resources.
const RESOURCE: &str = "rfc9728";
