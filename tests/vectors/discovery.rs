//! Discovery documents that real providers published, with the keys that they lead to.

use claviger_core::Issuer;
use claviger_core::KeyState;
use claviger_core::Verifier;
use claviger_core::vectors;
use http::HeaderMap;

use crate::publication::Publication;
use crate::source::Document;
use crate::source::Vectors;
use crate::source::text;

#[tokio::test]
async fn every_document_leads_to_its_keys() {
    let Some(vectors) = Vectors::open() else { return };
    let mut led = 0;
    for document in documents(&vectors) {
        let metadata = document.json();
        let [issuer, jwks_uri] = ["issuer", "jwks_uri"].map(|name| text(&metadata[name]));
        let jwks = vectors.text(&format!("jwks/{}.json", key_set(document.name())));
        let publication = Publication::default();
        let [openid, _] = vectors::metadata_urls(issuer).unwrap();
        publication.put(&openid, document.text.as_str(), HeaderMap::new());
        publication.put(jwks_uri, jwks.as_str(), HeaderMap::new());

        let verifier = Verifier::builder(configured(issuer)).with_fetch(publication.clone()).build().unwrap();
        let refreshed = verifier.refresh_now().await;
        assert!(refreshed.is_ok(), "{}: {refreshed:?}", document.path);
        let status = &verifier.status()[0];
        assert_eq!((status.state, status.issuer.as_str()), (KeyState::Fresh, issuer), "{}", document.path);
        assert_eq!(Ok(status.key_ids.len()), vectors::usable_keys(&jwks), "{}", document.path);
        assert_eq!([&openid, jwks_uri].map(|url| publication.fetches(url)), [1, 1], "{}", document.path);
        led += 1;
    }
    assert_eq!(led, 23);
}

#[tokio::test]
async fn no_document_is_taken_for_another_issuer() {
    let Some(vectors) = Vectors::open() else { return };
    let other = "https://issuer.example.com";
    let [openid, _] = vectors::metadata_urls(other).unwrap();
    let mut refused = 0;
    for document in documents(&vectors) {
        let metadata = document.json();
        let publication = Publication::default();
        publication.put(&openid, document.text.as_str(), HeaderMap::new());
        publication.put(text(&metadata["jwks_uri"]), vectors.text("jwks/google.json"), HeaderMap::new());

        let verifier = Verifier::builder(configured(other)).with_fetch(publication).build().unwrap();
        assert!(verifier.refresh_now().await.is_err(), "{}", document.path);
        let status = &verifier.status()[0];
        assert_eq!((status.state, status.key_ids.len()), (KeyState::Empty, 0), "{}", document.path);
        refused += 1;
    }
    assert_eq!(refused, 23);
}

/// Those of one issuer; templates are judged with their tenants.
fn documents(vectors: &Vectors) -> impl Iterator<Item = Document> {
    let is_of_one_issuer = |document: &Document| {
        document.name() != "recorded_response_headers" && !text(&document.json()["issuer"]).contains('{')
    };
    vectors.documents("discovery").into_iter().filter(is_of_one_issuer)
}

/// The name of the key set that was recorded with a document.
fn key_set(document: &str) -> &str {
    match document {
        "duende-discovery" | "duende-discovery_mtls" => "duende-identityserver",
        same => same,
    }
}

fn configured(issuer: &str) -> Issuer {
    let configured = Issuer::new(issuer, "https://api.example.com");
    if issuer.starts_with("http://") { configured.with_insecure_http() } else { configured }
}
